// A workspace that is on no disk: what works in it, and in one line what does not.

import { typedGhost } from "./failures.mjs";
import { GHOST } from "./kit.mjs";
import { hovered, status } from "./start.mjs";

export async function virtual(hands) {
  const { page, seen, shot, command, ask, chatFrame, line, quick, rows, sideBar, tab, toast } = hands;
  const file = (name) => page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name }).first();
  await file("orders.py").dblclick();
  await tab("orders.py").waitFor();
  await line("def shipping").waitFor();
  await sideBar();
  seen.status = await status(page, "ready");
  await page.keyboard.press("Escape");
  seen.ghost = await typedGhost({ ...hands, open: () => undefined });
  await shot("virtual-ghost");
  await page.keyboard.press("Tab");
  await line("Money(9900), country").waitFor();
  seen.taken = true;
  await thinks(hands);

  await page.keyboard.press("Control+Home");
  await page.locator(".statusbar-item").filter({ hasText: "Ln 1, Col 1" }).first().waitFor();
  const told = toast("needs a file on a disk");
  await command("Lanyard: Review", told);
  seen.said = await told.locator(".notification-list-item-message").innerText();
  await shot("virtual-review");
  await command("Notifications: Clear All Notifications");
  await told.waitFor({ state: "detached" });
  await command("Lanyard: Edit Inline…", told);
  seen.asked = await page.locator(".quick-input-widget").filter({ hasText: "What to change" }).isVisible();
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget, .monaco-editor-overlaymessage").first().waitFor();
  seen.bulb = (await page.locator(".action-widget, .monaco-editor-overlaymessage").allInnerTexts()).join("\n");
  await page.keyboard.press("Escape");

  const frame = await chatFrame();
  await frame.getByRole("button", { name: "Add a file as context" }).click();
  await quick().waitFor();
  await rows().filter({ hasText: "orders.py" }).first().click();
  await frame.locator("#chips li").waitFor();
  seen.chip = await frame.locator("#chips li span").innerText();
  await ask("why two? @money.py");
  await frame.locator(".note").waitFor();
  seen.note = await frame.locator(".note").innerText();
  await shot("virtual");
}

/** A completion that takes its time: the status says so until it is there. */
async function thinks({ page, seen, shot, outside }) {
  const item = (text) => page.locator(`[id='status.languageStatus'] [aria-label*='${text}']`).first();
  const thinking = item("Lanyard: thinking");
  await page.keyboard.press("Enter");
  await page.keyboard.type("slow = ");
  while (!(await thinking.waitFor({ timeout: 5000 }).then(() => true, () => false))) {
    await page.keyboard.press("Backspace");
    await page.keyboard.type(" ");
  }
  seen.thinking = await hovered(page, "thinking");
  await shot("thinking");
  await outside("answer");
  await page.locator(GHOST).first().waitFor();
  await item("Lanyard: ready").waitFor();
  seen.ready = await hovered(page, "ready");
  await page.keyboard.press("Escape");
}
