// Scenarios of the first run: the server missing or of another version, the walkthrough, an untrusted workspace.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { patience } from "./kit.mjs";

/** The language status item's words, once they hold a text. */
export async function status(page, text) {
  const item = page.locator("[id='status.languageStatus']").first();
  await item.waitFor();
  const words = page.locator(".hover-language-status").filter({ hasText: "Lanyard" }).filter({ hasText: text }).first();
  for (let tries = 0; ; tries++) {
    await item.click();
    if (await words.waitFor({ timeout: patience(tries) }).then(() => true, () => false)) return words.innerText();
    await page.keyboard.press("Escape"); // it may have closed, or shows what was
  }
}

/** The same words without a click, which would take the keyboard from the text and end what is asked for there. */
export async function hovered(page, text) {
  const item = page.locator("[id='status.languageStatus']").first();
  const words = page.locator(".hover-language-status").filter({ hasText: "Lanyard" }).filter({ hasText: text }).first();
  do {
    await page.mouse.move(400, 300);
    await item.hover();
  } while (!(await words.waitFor({ timeout: 5000 }).then(() => true, () => false)));
  return words.innerText();
}

export async function told({ page, seen, shot, command, open }) {
  await open("shop/orders.py");
  await command("Lanyard: Focus on Fleet View");
  if (process.env.WELCOME) {
    await page.getByRole("button", { name: "Install the Server" }).first().waitFor();
    seen.welcome = true;
  } else {
    await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
    await page.locator(".message").filter({ hasText: process.env.SAYS }).first().waitFor();
  }
  seen.status = await status(page, process.env.SAYS);
  await shot("told");
}

/** The click that installs: its progress, and the server that it has brought. */
export async function installs({ page, seen, shot, command }) {
  const install = page.getByRole("button", { name: "Install the Server" }).first();
  await command("Lanyard: Focus on Fleet View", install);
  await install.click();
  const progress = page.locator(".notification-list-item").filter({ hasText: "Installing Lanyard" }).first();
  await progress.waitFor();
  seen.progress = await progress.innerText();
  await shot("installing");
  writeFileSync(process.env.GO, "");
  await page.locator(".monaco-list-row").filter({ hasText: "lanyard-fim" }).first().waitFor();
  await progress.waitFor({ state: "detached" });
  seen.installed = true;
}

/** Ghost text of the shipped model, whose engine may still be starting: ask until it answers. */
export async function completed({ page, ghostText }) {
  for (let tries = 0; ; tries++) {
    if (tries % 2 === 0) {
      await page.keyboard.press("Alt+\\");
    } else {
      await page.keyboard.press("Backspace");
      await page.keyboard.type("t");
    }
    const shown = await ghostText(patience(tries)).catch(() => "");
    if (shown) return shown;
  }
}

/** The walkthrough, and its sample's completion by the embedded engine. */
export async function walkthrough(hands) {
  const { page, seen, shot, command } = hands;
  await command("Lanyard: Get Started");
  await page.getByText("Get started with Lanyard").first().waitFor();
  seen.steps = await page.locator(".getting-started-step .step-title").allTextContents();
  await shot("walkthrough");
  await page.getByText("See a completion").first().click();
  await page.getByRole("button", { name: "Open a sample" }).first().click();
  seen.ghost = await completed(hands);
  await shot("sample");
}

/** Nothing of the workspace's settings is run before the workspace is trusted. */
export async function trust({ page, seen, command, sideBar }) {
  await sideBar();
  seen.before = existsSync(process.env.MARK);
  seen.asked = readFileSync(process.env.ASKED, "utf8");
  await command("Workspaces: Manage Workspace Trust");
  await page.getByRole("button", { name: "Trust", exact: true }).first().click();
  while (!readFileSync(process.env.ASKED, "utf8").includes("planted")) await page.waitForTimeout(100);
  seen.after = true;
}
