// Scenarios of the keys of model servers.

/** A missing key is said, set by a click on the line that says so, and forgotten by the command. */
export async function secrets({ page, seen, shot, command, sideBar, worker, quick, rows, toast, outside, press }) {
  const missing = page.locator(".part.sidebar .monaco-list-row").filter({ hasText: "CELLAR_KEY" }).first();
  await command("Lanyard: Focus on Fleet View", missing);
  seen.missing = await missing.innerText();
  await press(missing, quick());
  seen.hidden = await quick().getAttribute("type");
  await quick().fill(process.env.KEY);
  await shot("key");
  await page.keyboard.press("Enter");
  await toast("The key for CELLAR_KEY is kept").waitFor();
  await sideBar();
  await worker().waitFor();
  await missing.waitFor({ state: "detached" });
  await outside("kept");
  await command("Lanyard: Set an API Key", rows().filter({ hasText: "CELLAR_KEY" }).first());
  seen.listed = await rows().filter({ hasText: "CELLAR_KEY" }).first().innerText();
  await rows().filter({ hasText: "CELLAR_KEY" }).first().click();
  await page.locator(".quick-input-widget input[type=password]").waitFor();
  await page.keyboard.press("Enter");
  await toast("The key for CELLAR_KEY is forgotten").waitFor();
  await command("Lanyard: Focus on Fleet View", missing);
  seen.forgotten = true;
}
