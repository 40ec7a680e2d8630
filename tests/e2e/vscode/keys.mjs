// Scenarios by the keyboard alone: hunks of a proposal without code lenses, tasks with cancel and why, names for screen readers.

import { kit } from "./kit.mjs";
import { status } from "./start.mjs";

const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

const diff = (page) => page.locator(".monaco-diff-editor").first();
const entry = (page, text) => page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first();

/** All default keys as this VS Code lists them: its own, and those of the extensions. */
async function defaultKeys({ page, command, tab }, all) {
  await command("Preferences: Open Default Keyboard Shortcuts (JSON)", tab("Default Keybindings"));
  await page.evaluate(() => addEventListener("copy", (event) => (window.copied = event.clipboardData.getData("text/plain"))));
  for (;;) {
    await page.locator(".editor-instance .view-lines").locator("visible=true").first().click();
    await page.keyboard.press(all);
    await page.keyboard.press("Control+C"); // the browser's own copy, which has the text of the editor's model
    // The extensions' own come later than the rest.
    const whole = () => window.copied?.includes("// Here are other available commands") && window.copied.includes('"lanyard.edit"');
    if (await page.waitForFunction(whole, undefined, { timeout: 4000 }).then(() => true, () => false)) {
      return page.evaluate(() => window.copied);
    }
  }
}

/** The default keys here, and those of a Mac: VS Code goes by what the browser says that it runs on. */
async function freeKeys(hands) {
  const { page, url, out, seen } = hands;
  const own = await page.context().browser().newPage({ userAgent: MAC, viewport: page.viewportSize() });
  own.setDefaultTimeout(Number(process.env.WAIT_MS || 90_000));
  const mac = kit({ page: own, url, out, seen, theme: "", width: "" });
  seen.linux = await defaultKeys(hands, "Control+A");
  await mac.ready();
  seen.mac = await defaultKeys(mac, "Meta+A");
  await own.close();
}

/** One of a proposal's hunks from a list, then the one at the cursor by its key. */
export async function hunkKeys(hands) {
  const { page, seen, shot, command, open, goTo, toast, line, rows, listed } = hands;
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Refactor");
  await toast("Refactor shipping").getByRole("button", { name: "Show diff" }).click();
  await diff(page).waitFor();
  // The words behind a line are a style's, not the page's text.
  const words = () =>
    [...document.querySelectorAll(".modified .view-line span")].map((one) => getComputedStyle(one, "::after").content).join(" ");
  await page.waitForFunction(`(${words})().includes("hunk 2 of 2")`);
  seen.lenses = await page.locator(".codelens-decoration").count();
  await shot("hunk-words");
  await command("Lanyard: Apply a Hunk…", page.locator(".quick-input-widget").filter({ hasText: "Apply a Hunk of" }).first());
  await listed();
  seen.listed = await rows().allInnerTexts();
  await shot("hunk-list");
  await page.keyboard.type("Money(500)");
  await entry(page, "Money(500)").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".monaco-diff-editor .original .view-line").filter({ hasText: /Money\(500\)/ }).first().waitFor();
  await page.locator(".monaco-diff-editor .modified .view-lines").first().click();
  await page.keyboard.press("Control+Enter");
  await diff(page).waitFor({ state: "detached" });
  await open("shop/orders.py");
  await line("Money(2000)").waitFor();
  await line("Money(500)").waitFor();
  seen.applied = true;
  await freeKeys(hands);
}

/** A task from the list: why it is where it is, then cancelled; another by the Delete key in the tree. */
export async function taskKeys({ page, seen, shot, command, open, goTo, sideBar }) {
  await sideBar();
  const row = (name) => page.locator(`.monaco-list-row[aria-label*="${name}"]`).first();
  await row("Worker gpu-1, zone local, ready, 0 of").waitFor();
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Review");
  await row("Task Review").waitFor();
  await row("Tasks: 1 running, 0 queued").waitFor();
  await shot("fleet-task");
  const title = (text) => page.locator(".quick-input-widget").filter({ hasText: text }).first();
  await command("Lanyard: Tasks…", title("Tasks"));
  await entry(page, "Review").waitFor();
  await page.keyboard.press("Enter");
  await entry(page, "Why does it go where it goes?").waitFor();
  await page.keyboard.type("why");
  await page.keyboard.press("Enter");
  await entry(page, "chosen").or(entry(page, "gpu-1")).first().waitFor();
  seen.why = await page.locator(".quick-input-list .monaco-list-row").allInnerTexts();
  await shot("task-why");
  await page.keyboard.press("Escape");
  await command("Lanyard: Tasks…", title("Tasks"));
  await entry(page, "running").waitFor();
  await page.keyboard.press("Enter");
  await entry(page, "Cancel it").waitFor();
  await page.keyboard.press("Enter");
  await row("cancelled").waitFor();
  seen.cancelled = true;
  await command("Lanyard: Review");
  const running = page.locator('.monaco-list-row[aria-label*="Task Review"][aria-label*="running"]').first();
  await running.waitFor();
  // One slot: the next one waits for it.
  await command("Lanyard: Document");
  await row("Tasks: 1 running, 1 queued").waitFor();
  seen.queue = await status(page, "1 waiting");
  await shot("busy");
  await page.keyboard.press("Escape");
  await command("Lanyard: Focus on Fleet View");
  for (let tries = 0; tries < 12 && !(await running.evaluate((one) => one.classList.contains("focused"))); tries++) {
    const before = await page.evaluate(() => document.querySelector(".monaco-list-row.focused")?.getAttribute("aria-label") ?? null);
    await page.keyboard.press(tries === 0 ? "Home" : "ArrowDown");
    await page
      .waitForFunction((was) => (document.querySelector(".monaco-list-row.focused")?.getAttribute("aria-label") ?? null) !== was, before, { timeout: 1000 })
      .catch(() => {}); // it may have been there already
  }
  await page.keyboard.press("Delete");
  await running.waitFor({ state: "detached" });
  seen.deleted = true;
}
