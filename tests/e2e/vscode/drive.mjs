// One scenario in a real VS Code (code-server) in headless Chromium. Usage: node drive.mjs SCENARIO URL OUT [THEME] [WIDTH]
// Writes what it saw to OUT/seen.json and screenshots beside it. Waits for conditions only.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../../extension/vscode/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const [scenario, url, out, theme = "Default Dark Modern", width = "1280"] = process.argv.slice(2);
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const WAIT = Number(process.env.WAIT_MS || 40_000);
mkdirSync(out, { recursive: true });
const seen = { ok: false, scenario };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
const page = await browser.newPage({ viewport: { width: Number(width), height: 800 } });
page.setDefaultTimeout(WAIT);
page.on("console", (message) => {
  if (process.env.VERBOSE) console.log(message.text());
});

const shot = (name) => page.screenshot({ path: join(out, `${name}.png`) });

/** Run a command by its whole name in the palette, as soon as it is there and enabled: the list does not grow by itself. */
async function command(name) {
  for (let tries = 0; ; tries++) {
    await page.keyboard.press("F1");
    const input = page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`>${name}`);
    const row = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: name }).first();
    try {
      await row.waitFor({ timeout: 2000 });
    } catch (error) {
      if (tries > 15) throw error;
      await page.keyboard.press("Escape");
      continue;
    }
    await row.click();
    return;
  }
}

async function open(path) {
  await page.keyboard.press("Control+P");
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await input.fill(path);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: path.split("/").at(-1) }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".monaco-editor .view-lines").first().waitFor();
}

/** Put the cursor at the start of a line that holds a text. */
async function goTo(line) {
  await page.keyboard.press("Control+G");
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await input.fill(`:${line}`);
  await page.keyboard.press("Enter");
}

const visible = (text) => page.getByText(text, { exact: false }).first().waitFor();

/** The frame of the chat's page. */
async function chatFrame() {
  for (;;) {
    for (const frame of page.frames()) {
      if (await frame.locator("#log").count().catch(() => 0)) return frame;
    }
    await page.waitForTimeout(100);
  }
}

async function ready() {
  await page.goto(url);
  await page.locator(".monaco-workbench").waitFor();
  await page.locator(".statusbar").waitFor();
}


const scenarios = {
  async completion() {
    await open("shop/orders.py");
    await page.locator(".monaco-editor .view-lines").first().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    const ghost = page.locator(".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview, .suggest-preview-text").first();
    // The server may still be starting: type until it answers.
    for (let tries = 0; tries < 12 && (await ghost.count()) === 0; tries++) {
      await page.keyboard.type(tries === 0 ? "free = ship" : "p");
      if (tries > 0) await page.keyboard.press("Backspace");
      await ghost.waitFor({ timeout: 2000 }).catch(() => {});
    }
    await ghost.waitFor();
    seen.ghost = (await page.locator(".ghost-text-decoration, .ghost-text").allTextContents()).join("");
    await shot("completion");
    await page.keyboard.press("Control+ArrowRight");
    await page.keyboard.press("Tab");
    const last = page.locator(".view-line").filter({ hasText: /free\s=/ }).first();
    await last.filter({ hasText: "country" }).waitFor();
    seen.line = (await last.textContent()).replaceAll("\u00a0", " ");
  },

  async review() {
    await open("shop/orders.py");
    await goTo(Number(process.env.LINE));
    await command("Lanyard: Review");
    await page.locator(".squiggly-warning").first().waitFor();
    await visible("1 finding");
    seen.notification = await page.locator(".notification-list-item-message").first().textContent();
    await shot("review");
  },

  async proposal() {
    await open("shop/orders.py");
    await goTo(Number(process.env.LINE));
    await command("Lanyard: Refactor");
    const toast = page.locator(".notifications-toasts .notification-list-item").filter({ hasText: "Refactor shipping" }).first();
    await toast.filter({ hasText: "parsed" }).waitFor();
    seen.notification = await toast.locator(".notification-list-item-message").textContent();
    seen.buttons = await toast.locator(".monaco-button").allTextContents();
    await shot("proposal-notification");
    await toast.getByRole("button", { name: "Show diff" }).click();
    await page.locator(".diff-editor, .monaco-diff-editor").first().waitFor();
    const apply = page.getByRole("button", { name: "Apply All" }).first();
    await apply.waitFor();
    await shot("proposal-diff");
    await apply.click();
    await page.locator(".diff-editor, .monaco-diff-editor").first().waitFor({ state: "detached" });
    await open("shop/orders.py");
    await page.locator(".view-line").filter({ hasText: "else 490" }).first().waitFor();
    seen.applied = true;
  },

  async chat() {
    await command("Lanyard: Focus on Chat View");
    const frame = await chatFrame();
    await frame.locator("#text").fill("why two? @shop/orders.py:1-5");
    await frame.locator("#text").press("Enter");
    await frame.locator(".block code").waitFor();
    await frame.locator(".note").first().waitFor();
    seen.answer = await frame.locator(".assistant .said").innerText();
    seen.buttons = await frame.locator(".bar button").allTextContents();
    seen.images = await frame.locator("img").count();
    seen.html = await frame.locator(".assistant .said b").count();
    seen.labels = await frame.locator("#log").getAttribute("aria-label");
    await shot("chat");
  },

  async fleet() {
    await command("Lanyard: Focus on Fleet View");
    const row = page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first();
    await row.waitFor();
    await row.click();
    await visible("scripted-qwen");
    await shot("fleet");
    seen.row = await row.innerText();
    await row.hover();
    await row.getByRole("button", { name: "Drain" }).click();
    await page.locator(".monaco-list-row").filter({ hasText: "drained" }).first().waitFor();
    // The tree draws itself anew with each word from the server, under the pointer too.
    const busy = page.locator(".monaco-list-row").filter({ hasText: "busy" }).first();
    for (let tries = 0; tries < 10 && (await busy.count()) === 0; tries++) {
      await row.hover();
      await row.getByRole("button", { name: "Resume" }).click({ timeout: 2000 }).catch(() => {});
      await busy.waitFor({ timeout: 2000 }).catch(() => {});
    }
    await busy.waitFor();
    seen.resumed = true;
  },

  async killed() {
    await command("Lanyard: Focus on Fleet View");
    const row = page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first();
    await row.waitFor();
    const frame = await chatFrame();
    await frame.evaluate(() => {
      const status = document.getElementById("status");
      window.said = [];
      new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true });
    });
    await frame.locator("#text").fill("why two?");
    await frame.locator("#text").press("Enter");
    await frame.locator(".assistant .said").filter({ hasText: "first" }).waitFor();
    writeFileSync(join(out, "ready"), "");
    await frame.locator(".failed").waitFor();
    seen.failed = await frame.locator(".failed").innerText();
    seen.kept = await frame.locator(".user .said").innerText();
    await frame.waitForFunction(() => window.said.some((line) => line.includes("has stopped")));
    await frame.waitForFunction(() => document.getElementById("status").textContent === "");
    seen.status = (await frame.evaluate(() => window.said)).find((line) => line.includes("has stopped"));
    await frame.locator("#text").fill("and now?");
    await frame.locator("#text").press("Enter");
    await frame.locator(".assistant .said").filter({ hasText: "here again" }).waitFor();
    seen.again = true;
    await shot("killed");
  },

  async looks() {
    await command("Lanyard: Focus on Fleet View");
    await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
    const frame = await chatFrame();
    await frame.locator("#text").fill("why two?");
    await frame.locator("#text").press("Enter");
    await frame.locator(".note").first().waitFor();
    await open("shop/orders.py");
    await page.locator(".monaco-editor .view-lines").first().waitFor();
    // Nothing is wider than its place.
    seen.wide = await frame.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((one) => !one.closest("pre") && one.scrollWidth > document.documentElement.clientWidth + 1)
        .map((one) => one.className || one.tagName),
    );
    seen.colours = await frame.evaluate(() => [getComputedStyle(document.body).color, document.body.className]);
    await shot(`chat-${theme.toLowerCase().replaceAll(" ", "-")}-${width}`);
  },

  async edit() {
    await open("shop/orders.py");
    await goTo(Number(process.env.LINE));
    await command("Lanyard: Edit Inline");
    const input = page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill("make it shorter");
    await page.keyboard.press("Enter");
    await page.getByText("Accept (parsed").first().waitFor();
    await shot("edit");
    await page.getByText("Accept (parsed").first().click();
    await page.locator(".view-line").filter({ hasText: "else 490" }).first().waitFor();
    await page.getByText("Accept (parsed").first().waitFor({ state: "detached" });
    seen.applied = true;
  },
};

try {
  await ready();
  await scenarios[scenario]();
  seen.ok = true;
} catch (error) {
  seen.why = String(error).slice(0, 2000);
  await shot("failed").catch(() => {});
} finally {
  writeFileSync(join(out, "seen.json"), JSON.stringify(seen));
  await browser.close();
}
process.exit(seen.ok ? 0 : 1);
