// What every scenario does with the workbench. Waits for conditions only.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// How long an answer of the workbench itself may take before it is asked again: a slow machine is not a failure.
const SHORT_MS = 4_000;
const SLOW_MS = 15_000;
/** How long a try may take before the next one: longer each time, as a machine that is slow once is slow again. */
export const patience = (tries) => Math.min(SHORT_MS * 2 ** tries, 60_000);
/** What VS Code draws ghost text with. */
export const GHOST = ".ghost-text-decoration, .ghost-text";
const exact = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** In the page: from now on `window.picked` tells whether an entry of the palette was pressed. */
function watchClicks() {
  if (window.picked === undefined) {
    addEventListener("mousedown", (event) => (window.picked ||= Boolean(event.target.closest?.(".quick-input-list"))), true);
  }
  window.picked = false;
}

/** The hands of one scenario: `seen` is what it tells, `out` the folder of its screenshots. */
export function kit({ page, url, out, seen, theme, width }) {
  const quick = () => page.locator(".quick-input-widget input").first();
  const rows = () => page.locator(".quick-input-list .monaco-list-row");

  let at = "the start";

  const closed = () => quick().waitFor({ state: "hidden", timeout: SLOW_MS }).then(() => true, () => false);

  /** Type into the palette and take the entry of that name: again until the palette has closed or asks for the next thing. */
  async function take(keys, text, name) {
    at = text;
    const row = rows().filter({ has: page.locator(".label-name", { hasText: new RegExp(`^${exact(name)}…?$`) }) }).first();
    for (let tries = 0; ; tries++) {
      try {
        await page.keyboard.press(keys);
        await quick().waitFor({ timeout: SLOW_MS });
        await quick().fill(text);
        // The list does not grow by itself: a command that comes later is seen by the next palette only.
        await row.waitFor({ timeout: patience(tries) });
        await settled(rows());
      } catch (error) {
        if (tries > 30) throw error;
        await page.keyboard.press("Escape");
        await closed();
        continue;
      }
      // A click that is reported too late was one all the same: a command runs once.
      await page.evaluate(watchClicks);
      await row.click({ timeout: SLOW_MS }).catch(() => {});
      if ((await page.evaluate(() => window.picked)) && (await taken(text))) return;
      await page.keyboard.press("Escape");
      await closed();
    }
  }

  /** Whether the palette no longer asks for what was typed. */
  const taken = (text) =>
    page
      .waitForFunction(
        (typed) => {
          const input = document.querySelector(".quick-input-widget input");
          return !input?.checkVisibility() || input.value !== typed;
        },
        text,
        { timeout: SLOW_MS },
      )
      .then(() => true, () => false);

  /** A list that may still be sorting itself: until two looks see the same. */
  async function settled(all) {
    for (let before = ""; ; ) {
      const now = (await all.allTextContents()).join("\n");
      if (now && now === before) return;
      before = now;
      await page.waitForTimeout(150);
    }
  }

  /** Run a command by its whole name; one that shows something is run again until it is shown. */
  async function command(name, shows) {
    for (let tries = 0; ; tries++) {
      await take("F1", `>${name}`, name);
      if (!shows) return;
      try {
        return await shows.waitFor({ timeout: SLOW_MS });
      } catch (error) {
        if (tries > 3) throw error;
      }
    }
  }

  /** The side bar's views, with the chat's page ready and the server in the fleet's tree. */
  async function sideBar() {
    await command("Lanyard: Focus on Fleet View", page.locator(".pane-header").filter({ hasText: "Fleet" }).first());
    await worker().waitFor();
    return chatFrame();
  }

  async function open(path) {
    const name = path.split("/").at(-1);
    for (let tries = 0; ; tries++) {
      await take("Control+P", path, name);
      try {
        await fileTab(name).waitFor({ timeout: SLOW_MS });
        break;
      } catch (error) {
        if (tries > 3) throw error;
      }
    }
    await page.locator(".monaco-editor .view-lines").first().waitFor();
  }

  /** Put the cursor at the start of a line, 1-based; the status bar says that it is there. */
  async function goTo(line) {
    for (let tries = 0; ; tries++) {
      try {
        await page.keyboard.press("Control+G");
        await quick().waitFor({ timeout: SLOW_MS });
        await quick().fill(`:${line}`);
        await page.keyboard.press("Enter");
        await closed();
        return await page.locator(".statusbar-item").filter({ hasText: new RegExp(`Ln ${line},`) }).first().waitFor({ timeout: patience(tries) });
      } catch (error) {
        if (tries > 5) throw error;
        await page.keyboard.press("Escape");
      }
    }
  }

  /** One of the light bulb's entries; the list is asked for until it opens. */
  async function lightBulb(text) {
    const entry = page.locator(".action-widget .monaco-list-row").filter({ hasText: text }).first();
    for (let tries = 0; ; tries++) {
      await page.keyboard.press("Control+.");
      if (await shows(entry, patience(tries))) return entry;
      await page.keyboard.press("Escape");
    }
  }

  /** The tab in front, where its name has that text. */
  const tab = (name) => page.locator(".tabs-container .tab.active").filter({ hasText: name }).first();

  /** The tab of that file in front, and not one of a diff of it. */
  const fileTab = (name) =>
    tab(name).filter({ has: page.locator(".monaco-icon-label-container", { hasText: new RegExp(`^${exact(name)}$`) }) });

  /** The frame of the chat's page, once it has had its first state. */
  async function chatFrame() {
    at = "waiting for the chat's page";
    for (;;) {
      for (const frame of page.frames()) {
        const looks = frame.evaluate(() => Boolean(document.getElementById("log") && document.body.dataset.ready)).catch(() => false);
        // A frame that is being loaded may never answer.
        if (await Promise.race([looks, page.waitForTimeout(SHORT_MS)])) return frame;
      }
      await page.waitForTimeout(100);
    }
  }

  /** Ask in the chat; the question is in the conversation. */
  async function ask(question) {
    const frame = await chatFrame();
    await frame.locator("#text").fill(question);
    await frame.locator("#text").press("Enter");
    await frame.locator(".user .said").filter({ hasText: question.slice(0, 20) }).last().waitFor();
    return frame;
  }

  /** What a list of the palette holds: its title comes before its entries, which come at once. */
  async function listed() {
    await rows().first().waitFor();
    await settled(rows());
    return rows().locator(".label-name").allTextContents();
  }

  /**
   * Press a button until what it does is there. VS Code draws buttons anew with the state behind them, under the pointer
   * too, and a press in between is lost. For what may be pressed twice; `row` is a tree's, which shows its buttons under
   * the pointer.
   */
  async function press(button, effect, { state = "visible", row } = {}) {
    for (let tries = 0; ; tries++) {
      await row?.hover({ timeout: SHORT_MS }).catch(() => {});
      await button.click({ timeout: SHORT_MS }).catch(() => {});
      if (await shows(effect, patience(tries), state)) return;
    }
  }

  /** Whether something comes in time. */
  const shows = (what, timeout, state = "visible") => what.waitFor({ state, timeout }).then(() => true, () => false);

  /** Open a list of what may still be coming, until it has the entry. */
  async function offered(opener, entry) {
    for (let tries = 0; ; tries++) {
      await opener.click();
      if (await shows(entry, patience(tries))) return;
      await page.keyboard.press("Escape");
    }
  }

  /** The ghost text that is shown, once some is; it may go again between two looks. */
  async function ghostText(timeout) {
    const shown = await page.waitForFunction(
      (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent).join("").trim(),
      GHOST,
      { timeout },
    );
    return (await shown.jsonValue()).replaceAll("\u00a0", " ");
  }

  const worker = () => page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first();
  /** Let the test do what only it can do, a kill; go on when it has been done. */
  async function outside(name) {
    at = `waiting for ${name}`;
    const done = join(out, `${name}.done`);
    writeFileSync(join(out, name), "");
    while (!existsSync(done)) await page.waitForTimeout(50);
    rmSync(done);
  }

  /** Every line that the workbench or the chat's page says from now on, however short it stands there. */
  async function listen() {
    const look = (selector) => {
      window.heard = [];
      const hear = () => {
        for (const one of document.querySelectorAll(selector)) {
          const text = one.textContent.trim();
          if (text && window.heard.at(-1) !== text && !window.heard.includes(text)) window.heard.push(text);
        }
      };
      new MutationObserver(hear).observe(document.body, { childList: true, subtree: true, characterData: true });
    };
    await page.evaluate(look, ".tree-explorer-viewlet-tree-view > .message, .notification-list-item-message, .monaco-list-row");
    await (await chatFrame()).evaluate(look, "#status, .failed");
  }

  /** The first line heard that holds a text; waits for it. */
  async function heard(text) {
    at = `listening for ${text}`;
    for (;;) {
      const all = await page.evaluate(() => window.heard);
      const said = await (await chatFrame()).evaluate(() => window.heard ?? []);
      const line = [...all, ...said].find((one) => one.includes(text));
      if (line) return line;
      await page.waitForTimeout(100);
    }
  }

  /** A line of the editor that holds a text. */
  const line = (text) => page.locator(".view-line").filter({ hasText: new RegExp(exact(text).replaceAll(" ", "\\s")) }).first();

  return {
    page, url, out, seen, theme, width, command, open, goTo, lightBulb, chatFrame, sideBar, ask, worker, outside, listen, heard, line, quick, rows, tab,
    listed, press, offered, shows, ghostText,
    at: () => at,
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
