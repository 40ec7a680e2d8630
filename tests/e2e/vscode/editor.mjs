// Scenarios of the text itself: ghost text, inline edit.

import { typedGhost } from "./failures.mjs";
import { GHOST, patience } from "./kit.mjs";

export async function completion(hands) {
  const { page, seen, shot } = hands;
  seen.ghost = await typedGhost(hands);
  await shot("completion");
  await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("Tab");
  const last = page.locator(".view-line").filter({ hasText: /free\s=/ }).first();
  await last.filter({ hasText: "country" }).waitFor();
  seen.line = (await last.textContent()).replaceAll("\u00a0", " ");
}

/** The keys that people have in their fingers: another suggestion, the one before, away, by hand, a word, a line, all of it. */
export async function fingers(hands) {
  const { page, seen, shot, line } = hands;
  const shows = (text) =>
    page.waitForFunction(
      ([selector, wanted]) =>
        [...document.querySelectorAll(selector)].map((one) => one.textContent).join("").replaceAll("\u00a0", " ").includes(wanted),
      [GHOST, text],
    );
  await typedGhost(hands);
  await shows("Money(9900)");
  await page.keyboard.press("Alt+]");
  await shows("Money(100)");
  await shot("another");
  await page.keyboard.press("Alt+[");
  await shows("Money(9900)");
  await page.keyboard.press("Escape");
  await page.locator(GHOST).first().waitFor({ state: "detached" });
  await page.keyboard.press("Alt+\\");
  await shows("Money(9900)");
  // What is offered stands in the line as what is typed does: the cursor tells how much was taken.
  const cursor = (column) =>
    page.locator(".statusbar-item").filter({ hasText: new RegExp(`Ln \\d+, Col ${column}$`) }).first().waitFor();
  await page.keyboard.press("Control+ArrowRight");
  await cursor("free = shipping".length + 1);
  await page.keyboard.press("Alt+End");
  await cursor(1);
  await shows("Money(9900)");
  await page.keyboard.press("Tab"); // VS Code's own: first to where the suggestion is indented
  await cursor(5);
  await shows("Money(9900)");
  await page.keyboard.press("Tab");
  await page.locator(GHOST).first().waitFor({ state: "detached" });
  await line("Money(9900), country").waitFor();
  seen.taken = true;
}

/** Ctrl+I at a selection. */
export async function edit({ page, seen, shot, open, goTo, quick, line, shows }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  const asks = page.locator(".quick-input-widget").filter({ hasText: "What to change" }).first();
  // The key is Lanyard's once the server runs; before, VS Code opens its list of suggestions by it.
  for (let tries = 0; ; tries++) {
    await page.keyboard.press("Control+I");
    if (await shows(asks, patience(tries))) break;
    await page.keyboard.press("Escape");
  }
  await quick().fill("make it shorter");
  await page.keyboard.press("Enter");
  await page.getByText("Accept (parsed").first().waitFor();
  await shot("edit");
  await page.keyboard.press("Control+Enter");
  await line("else 490").waitFor();
  seen.applied = true;
}
