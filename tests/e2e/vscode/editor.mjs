// Scenarios of the text itself: ghost text, inline edit.

export async function completion({ page, seen, shot, open, line }) {
  await open("shop/orders.py");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  const ghost = page.locator(".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview, .suggest-preview-text").first();
  // Typed whatever is offered before; the server may still be starting: the last letter again until it answers.
  await page.keyboard.type("free = ship");
  await line("free = ship").waitFor();
  while (!(await ghost.waitFor({ timeout: 5000 }).then(() => true, () => false))) {
    await page.keyboard.press("Backspace");
    await page.keyboard.type("p");
  }
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
