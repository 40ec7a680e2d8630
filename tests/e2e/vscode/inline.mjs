// Scenarios of the inline edit: the new lines beside the old ones in the open editor, and nothing in the file before Accept.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = () => readFileSync(process.env.FILE, "utf8");
const zone = (page) => page.locator(".review-widget").first();
const dirty = (page) => page.locator(".tabs-container .tab.dirty");

async function ask({ page, command, open, goTo, quick }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Edit Inline…", page.locator(".quick-input-widget").filter({ hasText: "What to change" }).first());
  await quick().fill("make it shorter");
  await page.keyboard.press("Enter");
}

/** Another place of the document is edited by a line at its top, as a typist does. */
async function typeAtTop({ page, goTo }, text) {
  await goTo(1);
  await page.keyboard.type(`${text}\n`);
}

export async function inPlace(hands) {
  const { page, seen, shot, out, line, goTo } = hands;
  const before = file();
  await ask(hands);
  await zone(page).getByText("if country").first().waitFor();
  await shot("inline-coming");
  await page.keyboard.press("Control+S");
  seen.clean = (await dirty(page).count()) === 0;
  writeFileSync(join(out, "ready"), "");
  await zone(page).getByRole("link", { name: "Accept" }).first().waitFor();
  seen.said = await zone(page).innerText();
  const marked = page.locator(".monaco-editor .view-overlays [class*='TextEditorDecorationType']");
  await marked.nth(2).waitFor({ state: "attached" });
  seen.marked = await marked.count();
  seen.panel = await page.locator(".part.panel").isVisible();
  await shot("inline-ready");
  await typeAtTop(hands, "# typed meanwhile");
  await dirty(page).waitFor();
  await page.keyboard.press("Control+S");
  await dirty(page).waitFor({ state: "detached" });
  seen.saved = file() === `# typed meanwhile\n${before}`;
  await page.getByText("Accept (parsed").first().click();
  await line("else 490").waitFor();
  await zone(page).waitFor({ state: "detached" });
  await shot("inline-accepted");
  await goTo(3);
  await page.keyboard.press("Control+Z");
  await line("else 490").waitFor({ state: "detached" });
  await page.keyboard.press("Control+S");
  await dirty(page).waitFor({ state: "detached" });
  seen.undone = file() === `# typed meanwhile\n${before}`;
}

/** Discard by key, and an edit inside the lines: Accept says no, and an undo makes it possible again. */
export async function refused(hands) {
  const { page, seen, shot, line, goTo, open, toast } = hands;
  const before = file();
  const at = Number(process.env.LINE);
  await ask(hands);
  await page.getByText("Accept (parsed").first().waitFor();
  // Escape is VS Code's own in another editor and at a selection.
  await open("shop/cart.py");
  await goTo(2);
  await page.keyboard.press("Escape");
  await open("shop/orders.py");
  await page.getByText("Accept (parsed").first().waitFor();
  await goTo(at + 1);
  await page.keyboard.press("Shift+End");
  const selected = page.locator(".statusbar-item").filter({ hasText: "selected)" }).first();
  await selected.waitFor();
  await page.keyboard.press("Escape");
  await selected.waitFor({ state: "detached" });
  seen.kept = await page.getByText("Accept (parsed").first().isVisible();
  await page.keyboard.press("Escape");
  await zone(page).waitFor({ state: "detached" });
  seen.discarded = file() === before && (await dirty(page).count()) === 0;
  await ask(hands);
  await page.getByText("Accept (parsed").first().waitFor();
  await goTo(at + 5); // one of the lines that go
  await page.keyboard.type("    pass\n");
  await page.getByText("edited meanwhile").first().waitFor();
  await page.keyboard.press("Control+Enter");
  await toast("edited meanwhile").waitFor();
  seen.refused = (await line("else 490").count()) === 0;
  await shot("inline-meanwhile");
  for (let tries = 0; tries < 8 && (await dirty(page).count()) > 0; tries++) {
    await page.keyboard.press("Control+Z");
    await dirty(page).first().waitFor({ state: "detached", timeout: 1000 }).catch(() => {}); // one undo may not be all
  }
  await page.getByText("Accept (parsed").first().waitFor();
  await page.keyboard.press("Control+Enter");
  await zone(page).waitFor({ state: "detached" });
  await line("else 490").waitFor();
  seen.accepted = true;
}

/** The server dies in the middle: what has come stays to be seen, nothing of it is in the text, and it can be asked again. */
export async function lost(hands) {
  const { page, seen, shot, out, line, press } = hands;
  const before = file();
  await ask(hands);
  await zone(page).getByText("def shipping").first().waitFor();
  writeFileSync(join(out, "ready"), "");
  const again = zone(page).getByRole("link", { name: "Ask again" }).first();
  await again.waitFor();
  seen.kept = await zone(page).innerText();
  await shot("inline-lost");
  seen.untouched = file() === before && (await dirty(page).count()) === 0;
  // The server is started again meanwhile.
  await press(again, page.getByText("Accept (parsed").first());
  await page.getByText("Accept (parsed").first().click();
  await line("else 490").waitFor();
  seen.applied = true;
}
