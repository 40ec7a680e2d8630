// One scenario in a real VS Code (code-server) in headless Chromium. Usage: node drive.mjs SCENARIO URL OUT [THEME] [WIDTH]
// Writes what it saw to OUT/seen.json and screenshots beside it, and which requests left for anything but the code-server.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as chat from "./chat.mjs";
import * as engine from "./engine.mjs";
import * as editor from "./editor.mjs";
import * as failures from "./failures.mjs";
import * as fleet from "./fleet.mjs";
import * as inline from "./inline.mjs";
import * as keys from "./keys.mjs";
import { kit } from "./kit.mjs";
import * as models from "./models.mjs";
import * as secrets from "./secrets.mjs";
import * as start from "./start.mjs";
import * as tasks from "./tasks.mjs";
import * as timing from "./timing.mjs";
import * as virtual from "./virtual.mjs";

const require = createRequire(new URL("../../../extension/vscode/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const scenarios = { ...chat, ...editor, ...engine, ...failures, ...fleet, ...inline, ...keys, ...models, ...secrets, ...start, ...tasks, ...timing, ...virtual };
const [scenario, url, out, theme = "Dark Modern", width = "1280"] = process.argv.slice(2);
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
mkdirSync(out, { recursive: true });
const seen = { ok: false, scenario, foreign: [] };

const tell = () => writeFileSync(join(out, "seen.json"), JSON.stringify(seen));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS }).catch((error) => {
  Object.assign(seen, { crashed: "the browser, at its start", why: String(error) });
  tell();
  process.exit(1);
});
const page = await browser.newPage({ viewport: { width: Number(width), height: 800 } });
page.setDefaultTimeout(Number(process.env.WAIT_MS || 90_000));
/** What the workbench itself complained of, the last of it. */
const complain = (text) => (seen.errors = [...(seen.errors ?? []), text.slice(0, 600)].slice(-12));
page.on("console", (message) => {
  if (process.env.VERBOSE) console.log(message.text());
  if (message.type() === "error") complain(message.text());
});
page.on("pageerror", (error) => complain(String(error.stack ?? error)));
// A browser that dies is no failure of what it showed; the report says which of both it was.
page.on("crash", () => (seen.crashed = "the page"));
browser.on("disconnected", () => (seen.crashed ??= "the browser")); // its own close comes after all is told
// A webview's own files have an invented host, which the workbench's service worker answers: those leave for nowhere.
const away = (asked) => /^(http|ws)s?:/.test(asked) && new URL(asked).host !== new URL(url).host;
page.context().on("requestfailed", (request) => away(request.url()) && seen.foreign.push(request.url()));
page.context().on("response", (response) => {
  if (away(response.url()) && !response.fromServiceWorker()) seen.foreign.push(response.url());
});
const hands = kit({ page, url, out, seen, theme, width });

/** What stands on the screen, in words: a log alone must tell why a scenario failed. */
async function screen(page) {
  const parts = {
    palette: ".quick-input-widget", toasts: ".notifications-toasts", dialog: ".monaco-dialog-box", sideBar: ".part.sidebar",
    tabs: ".tabs-container", statusBar: ".part.statusbar",
  };
  const words = {};
  for (const [name, selector] of Object.entries(parts)) {
    const shown = await page.locator(selector).evaluateAll((all) => all.map((one) => (one.checkVisibility() ? one.innerText : "")));
    words[name] = shown.join(" | ").replace(/\s+/g, " ").slice(0, 600);
  }
  words.editors = await page.locator(".monaco-editor").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility()).map((one) => `${one.querySelectorAll(".view-line").length} lines, of the last: ${one.querySelector(".view-lines")?.innerText.slice(-400)}`),
  );
  words.focus = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
  for (const [number, frame] of page.frames().entries()) {
    const text = await frame.evaluate(() => (document.getElementById("log") ? document.body.innerText + " text=" + document.getElementById("text").value : "")).catch(() => "");
    if (text) words[`chat${number}`] = text.replace(/\s+/g, " ").slice(0, 600);
  }
  return words;
}

try {
  // In the end of the time it still tells what it saw.
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`late, at ${hands.at()}`)), Number(process.env.LIMIT_MS || 240_000)).unref());
  await Promise.race([hands.ready().then(() => scenarios[scenario](hands)), late]);
  seen.ok = true;
} catch (error) {
  seen.why = String(error.stack ?? error).slice(0, 2000);
  tell(); // a picture may take longer than the test waits
  await hands.shot("failed").catch(() => {});
  seen.screen = await screen(page).catch((failed) => [String(failed)]);
} finally {
  tell();
  await browser.close();
}
process.exit(seen.ok ? 0 : 1);
