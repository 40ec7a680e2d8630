// Scenarios of the benchmarks: times in milliseconds, taken inside the page, from the key's event to the next frame.

import { GHOST, kit } from "./kit.mjs";
import { processorTimes } from "./processor.mjs";

async function endOfFile({ page, open }) {
  await open("shop/orders.py");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
}

/** From the key to the ghost text; the text before was refused, so that the model is asked each time. */
export async function ghost(hands) {
  const { page, seen } = hands;
  await endOfFile(hands);
  const shown = page.locator(GHOST).first();
  for (let tries = 0; tries < 15 && (await shown.count()) === 0; tries++) {
    await page.keyboard.type("va");
    await shown.waitFor({ timeout: 2000 }).catch(() => {});
  }
  await page.evaluate((selector) => {
    window.times = [];
    let pressed = 0;
    document.addEventListener("keydown", (event) => (pressed = event.key.length === 1 ? event.timeStamp : 0), true);
    new MutationObserver(() => {
      if (pressed && document.querySelector(selector)) {
        const since = pressed;
        pressed = 0;
        requestAnimationFrame(() => window.times.push(performance.now() - since));
      }
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  }, GHOST);
  for (let round = 1; round <= Number(process.env.ROUNDS); round++) {
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "detached" });
    await page.keyboard.press("a");
    await page.waitForFunction((count) => window.times.length >= count, round);
  }
  seen.times = await page.evaluate(() => window.times);
}

/**
 * From the key to its letter on the screen, in several editors that take turns line by line: EDITORS names their
 * addresses. `times` has for each editor a list of times for each of LINES lines, `processor` the processor time of a
 * key by kind of process, with what follows a line's last key, `ghosts` the times from a line's last key to its ghost
 * text.
 */
export async function keys({ page, out, seen }) {
  const editors = Object.entries(JSON.parse(process.env.EDITORS));
  const hands = {};
  await page.goto("about:blank"); // the scenario opens its own
  for (const [name, url] of editors) {
    const own = await page.context().browser().newPage({ viewport: page.viewportSize() });
    own.setDefaultTimeout(Number(process.env.WAIT_MS || 90_000));
    hands[name] = kit({ page: own, url, out, seen, theme: "", width: "" });
    await hands[name].ready();
    await endOfFile(hands[name]);
    await own.evaluate(watchLetters, GHOST);
  }
  seen.times = Object.fromEntries(editors.map(([name]) => [name, []]));
  seen.processor = Object.fromEntries(editors.map(([name]) => [name, {}]));
  seen.ghosts = Object.fromEntries(editors.map(([name]) => [name, []]));
  for (let block = 0; block < Number(process.env.LINES) + WARM_UP; block++) {
    for (const [name, url] of rotated(editors, block)) {
      const { page } = hands[name];
      await page.bringToFront();
      const before = processorTimes(url);
      const { times, ghosts } = await typed(page);
      if (block < WARM_UP) continue;
      seen.times[name].push(times);
      seen.ghosts[name].push(...ghosts);
      for (const [kind, ms] of Object.entries(processorTimes(url))) {
        const perKey = (ms - (before[kind] ?? 0)) / (LINE.length + 1) / Number(process.env.LINES);
        seen.processor[name][kind] = (seen.processor[name][kind] ?? 0) + perKey;
      }
    }
  }
}

const LINE = "value = shipping_of_the_order_that_was_placed_last";
const WARM_UP = 1;

/** The first changes from block to block, so that no editor always follows the same other. */
const rotated = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)];

async function typed(page) {
  await page.evaluate(() => ([window.times, window.typed, window.ghosts] = [[], "", undefined]));
  for (const letter of LINE) {
    await page.waitForTimeout(100); // a typist's pace: eight keys a second
    await page.keyboard.press(letter, { delay: 20 });
  }
  await page.evaluate(() => (window.ghosts = []));
  await page.waitForTimeout(500);
  const seen = await page.evaluate(() => ({ times: window.times, ghosts: window.ghosts }));
  await page.keyboard.press("Enter");
  await page.waitForTimeout(500);
  return seen;
}

/**
 * In the page: from the event of a key to the frame after the one that has all letters typed so far, and to that of the
 * first ghost text where `ghosts` is a list.
 */
function watchLetters(ghost) {
  [window.times, window.typed] = [[], ""];
  let [pressed, last] = [0, 0];
  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1) return;
    last = pressed = event.timeStamp;
    window.typed += event.key;
  }, true);
  const lineOf = (node) => (node.closest ? node : node.parentElement)?.closest(".view-line");
  new MutationObserver((changes) => {
    const has = ({ target, addedNodes }) =>
      [target, ...addedNodes].some((node) => lineOf(node)?.textContent.replaceAll("\u00a0", " ").includes(window.typed));
    if (pressed && changes.some(has)) {
      const since = pressed;
      pressed = 0;
      requestAnimationFrame(() => window.times.push(performance.now() - since));
    }
    if (window.ghosts?.length === 0 && document.querySelector(ghost)) {
      const found = window.ghosts;
      requestAnimationFrame(() => found.length === 0 && found.push(performance.now() - last));
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}

/** What the editor itself says of the extension's activation. */
export async function activation({ page, seen, command }) {
  await command("Lanyard: Focus on Fleet View");
  await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
  await command("Developer: Show Running Extensions");
  const list = page.locator(".runtime-extensions-editor .monaco-list").first();
  await list.locator(".monaco-list-row").first().waitFor();
  const row = list.locator(".monaco-list-row").filter({ hasText: "Lanyard" }).first();
  await list.hover();
  for (let tries = 0; tries < 40 && !(await row.isVisible()); tries++) {
    await page.mouse.wheel(0, 200); // only what can be seen is in the list
    await page.waitForTimeout(100);
  }
  seen.said = await row.locator(".activation-time").first().innerText();
}
