// Scenarios of what dies: the server, the worker, the engine, under each view. The test does the killing (`outside`).

const GHOST = ".ghost-text-decoration, .ghost-text";
const diff = (page) => page.locator(".monaco-diff-editor").first();

/** Type at the end of the file until there is ghost text; its text. */
async function ghost({ page, open }) {
  await open("shop/orders.py");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("free = ship");
  const shown = page.locator(GHOST).first();
  while ((await shown.count()) === 0) {
    await page.keyboard.press("Backspace");
    await page.keyboard.type("p");
    await shown.waitFor({ timeout: 2000 }).catch(() => {});
  }
  return (await page.locator(GHOST).allTextContents()).join("").replaceAll("\u00a0", " ");
}

async function refactor({ command, open, goTo, toast }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Refactor");
  await toast("Refactor shipping").getByRole("button", { name: "Show diff" }).click();
}

/** An inline edit of the line at the cursor; the model hangs or answers as its script says. */
async function edit({ page, command, open, goTo, quick }, instruction) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Edit Inline");
  await quick().fill(instruction);
  await page.keyboard.press("Enter");
}

/** The server is killed under the fleet, a proposal's diff, an inline edit and ghost text. */
export async function server(hands) {
  const { page, seen, shot, sideBar, worker, outside, listen, heard, open, line, toast } = hands;
  await sideBar();
  await refactor(hands);
  await diff(page).waitFor();
  const apply = page.getByRole("button", { name: "Apply All" }).first();
  await apply.waitFor();
  await listen();
  await outside("kill");
  seen.said = await heard("has stopped");
  await worker().waitFor();
  await heard("starting");
  await heard("Refactor shipping: "); // told again by the server of now
  seen.diff = await diff(page).isVisible();
  await shot("diff-outlived");
  await apply.click();
  await diff(page).waitFor({ state: "detached" });
  await open("shop/orders.py");
  await line("else 490").waitFor();
  seen.applied = true;

  await edit(hands, "hang, please");
  await page.getByText("asking").or(page.getByText("so far")).first().waitFor();
  await outside("kill");
  seen.edit = await toast("has stopped in the middle").locator(".notification-list-item-message").innerText();
  await page.getByText("so far").first().waitFor({ state: "detached" });
  await worker().waitFor();

  seen.ghost = await ghost(hands);
  await outside("kill");
  seen.again = await ghost(hands);
}
