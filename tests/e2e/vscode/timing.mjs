// Scenarios of the benchmarks: times in milliseconds, taken inside the page, from the key's event to the next frame.

const GHOST = ".ghost-text-decoration, .ghost-text";

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

/** From the key to its letter on the screen. */
export async function keys(hands) {
  const { page, seen } = hands;
  if (process.env.GHOSTS) {
    await hands.command("Lanyard: Focus on Fleet View");
    await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
    await page.keyboard.press("Control+Shift+E"); // the same view beside the text as without Lanyard
  }
  await endOfFile(hands);
  await page.evaluate(() => {
    window.times = [];
    let pressed = 0;
    document.addEventListener("keydown", (event) => (pressed = event.key.length === 1 ? event.timeStamp : 0), true);
    new MutationObserver((changes) => {
      if (pressed && changes.some(({ target }) => (target.closest ? target : target.parentElement)?.closest(".view-lines"))) {
        const since = pressed;
        pressed = 0;
        requestAnimationFrame(() => window.times.push(performance.now() - since));
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const text = "value = shipping_of_the_order_that_was_placed_last ";
  for (let key = 0; key < Number(process.env.ROUNDS); key++) {
    await page.keyboard.press(key % text.length === text.length - 1 ? "Enter" : text[key % text.length], { delay: 20 });
    await page.waitForTimeout(100); // a typist's pace: ten keys a second
  }
  seen.times = await page.evaluate(() => window.times);
}

/** What the editor itself says of the extension's activation. */
export async function activation({ page, seen, command }) {
  await command("Lanyard: Focus on Fleet View");
  await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
  await command("Developer: Show Running Extensions");
  const row = page.locator(".runtime-extensions-editor .monaco-list-row, .extension").filter({ hasText: "Lanyard" }).first();
  await row.waitFor();
  seen.said = await row.locator(".activation-time").first().innerText();
}
