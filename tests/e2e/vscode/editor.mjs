// Scenarios of the text itself: ghost text, inline edit.

export async function completion({ page, seen, shot, open }) {
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
}

export async function edit({ page, seen, shot, command, open, goTo }) {
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
}
