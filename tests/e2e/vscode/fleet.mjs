// Scenarios of the fleet's view.

export async function fleet({ page, seen, shot, sideBar, worker, visible }) {
  await sideBar();
  const row = worker();
  await row.click();
  await visible("scripted-qwen");
  await shot("fleet");
  seen.row = await row.innerText();
  await row.hover();
  await row.getByRole("button", { name: "Drain" }).click();
  await page.locator(".monaco-list-row").filter({ hasText: "drained" }).first().waitFor();
  // The tree draws itself anew with each word from the server, under the pointer too.
  const busy = page.locator(".monaco-list-row").filter({ hasText: "busy" }).first();
  for (let tries = 0; tries < 10 && (await busy.count()) === 0; tries++) {
    await row.hover();
    await row.getByRole("button", { name: "Resume" }).click({ timeout: 2000 }).catch(() => {});
    await busy.waitFor({ timeout: 2000 }).catch(() => {});
  }
  await busy.waitFor();
  seen.resumed = true;
}
