// What every scenario does with the workbench. Waits for conditions only.
import { join } from "node:path";

/** The hands of one scenario: `seen` is what it tells, `out` the folder of its screenshots. */
export function kit({ page, url, out, seen, theme, width }) {
  const quick = () => page.locator(".quick-input-widget input").first();
  const rows = () => page.locator(".quick-input-list .monaco-list-row");

  /** Run a command by its whole name in the palette, as soon as it is there and enabled: the list does not grow by itself. */
  async function command(name) {
    for (let tries = 0; ; tries++) {
      await page.keyboard.press("F1");
      await quick().waitFor();
      await quick().fill(`>${name}`);
      const row = rows().filter({ hasText: name }).first();
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
    await quick().waitFor();
    await quick().fill(path);
    const row = rows().filter({ hasText: path.split("/").at(-1) }).first();
    await row.waitFor();
    await row.click(); // not Enter: the list may still be sorting itself
    await page.locator(".monaco-editor .view-lines").first().waitFor();
    await tab(path.split("/").at(-1)).waitFor();
  }

  /** Put the cursor at the start of a line, 1-based. */
  async function goTo(line) {
    await page.keyboard.press("Control+G");
    await quick().waitFor();
    await quick().fill(`:${line}`);
    await page.keyboard.press("Enter");
    await quick().waitFor({ state: "hidden" });
  }

  /** One of the light bulb's entries; the list is asked for until it opens. */
  async function lightBulb(text) {
    const entry = page.locator(".action-widget .monaco-list-row").filter({ hasText: text }).first();
    for (let tries = 0; tries < 10 && !(await entry.isVisible()); tries++) {
      await page.keyboard.press("Control+.");
      await entry.waitFor({ timeout: 3000 }).catch(() => page.keyboard.press("Escape"));
    }
    await entry.waitFor();
    return entry;
  }

  const tab = (name) => page.locator(".tabs-container .tab.active").filter({ hasText: name }).first();

  /** The frame of the chat's page. */
  async function chatFrame() {
    for (;;) {
      for (const frame of page.frames()) {
        if (await frame.locator("#log").count().catch(() => 0)) return frame;
      }
      await page.waitForTimeout(100);
    }
  }

  /** A line of the editor that holds a text. */
  const line = (text) => page.locator(".view-line").filter({ hasText: new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s")) }).first();

  return {
    page, url, out, seen, theme, width, command, open, goTo, lightBulb, chatFrame, line, quick, rows, tab,
    shot: (name) => page.screenshot({ path: join(out, `${name}.png`) }),
    visible: (text) => page.getByText(text, { exact: false }).first().waitFor(),
    toast: (text) => page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text }).first(),
    status: () => page.locator(".statusbar-item").filter({ has: page.locator('[aria-label*="Editor Language Status"]') }).first(),
    async ready() {
      await page.goto(url);
      await page.locator(".monaco-workbench").waitFor();
      await page.locator(".statusbar").waitFor();
    },
  };
}
