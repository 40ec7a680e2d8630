// Scenarios of what dies: the server, the worker, the engine, under each view. The test does the killing (`outside`).

import { patience } from "./kit.mjs";
import { completed } from "./start.mjs";

const zone = (page) => page.locator(".review-widget").first();
const diff = (page) => page.locator(".monaco-diff-editor").first();

/** Type at the end of the file until there is ghost text; its text. */
export async function typedGhost({ page, open, ghostText }) {
  await open("shop/orders.py");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("free = ship");
  for (let tries = 0; ; tries++) {
    const shown = await ghostText(patience(tries)).catch(() => "");
    if (shown) return shown;
    await page.keyboard.press("Backspace");
    await page.keyboard.type("p");
  }
}

async function refactor({ command, open, goTo, toast }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Refactor");
  await toast("Refactor shipping").getByRole("button", { name: "Show diff" }).click();
}

/** An inline edit of the line at the cursor; the model hangs or answers as its script says. */
async function edit({ page, command, open, goTo, quick }, instruction, place = process.env.LINE) {
  await open("shop/orders.py");
  await goTo(Number(place));
  await command("Lanyard: Edit Inline");
  await quick().fill(instruction);
  await page.keyboard.press("Enter");
}

/** The server is killed under the fleet, a proposal's diff, an inline edit and ghost text. */
export async function server(hands) {
  const { page, seen, shot, sideBar, worker, outside, listen, heard, open, line, toast, press } = hands;
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
  await press(apply, diff(page), { state: "detached" });
  await open("shop/orders.py");
  await line("else 490").waitFor();
  seen.applied = true;

  await edit(hands, "hang, please");
  await page.getByText("asking").or(page.getByText("so far")).first().waitFor();
  await outside("kill");
  seen.edit = await toast("has stopped in the middle").locator(".notification-list-item-message").innerText();
  await page.getByText("so far").first().waitFor({ state: "detached" });
  await worker().waitFor();

  seen.ghost = await typedGhost(hands);
  await outside("kill");
  seen.again = await typedGhost(hands);
}

/** The only worker goes away under a chat's answer, the fleet, an inline edit, a diff and a task, and comes back. */
export async function worker(hands) {
  const { page, seen, shot, sideBar, ask, outside, listen, heard, open, goTo, command, toast, line, press } = hands;
  const frame = await sideBar();
  await refactor(hands);
  const apply = page.getByRole("button", { name: "Apply All" }).first();
  await apply.waitFor();
  const tab = page.locator(".tabs-container .tab").filter({ hasText: "(proposal)" }).first();
  await command("View: Keep Editor");
  await edit(hands, "tidier, please", process.env.OTHER);
  await zone(page).getByText("def load_orders").first().waitFor();
  await listen();
  await ask("why two?");
  await frame.locator(".assistant .said").filter({ hasText: "first" }).waitFor();
  await outside("leave");
  await frame.locator(".failed").waitFor();
  seen.chat = await frame.locator(".failed").innerText();
  seen.kept = [await frame.locator(".user .said").innerText(), await frame.locator(".assistant .said").innerText()];
  const again = zone(page).getByRole("link", { name: "Ask again" }).first();
  await again.waitFor();
  seen.coming = await zone(page).innerText();
  seen.broken = await heard("in the middle of its reply");
  seen.row = await heard("gpu-1local · down");
  await shot("worker-down");

  await tab.click();
  await diff(page).waitFor();
  await shot("worker-down-diff");
  await press(apply, diff(page), { state: "detached" });
  await open("shop/orders.py");
  await line("else 490").waitFor();
  seen.applied = true;

  await goTo(Number(process.env.LINE));
  await command("Lanyard: Explain");
  await heard("Explain shippingqueued");
  const waits = toast("Explain shipping: waits for gpu-1");
  seen.task = await waits.locator(".notification-list-item-message").innerText();
  seen.choices = await waits.locator(".monaco-button").allTextContents();
  await goTo(Number(process.env.OTHER));
  await again.click();
  seen.edit = await toast("no worker answers").locator(".notification-list-item-message").innerText();
  await shot("worker-asked");

  await outside("come back");
  await page.locator(".tabs-container .tab").filter({ hasText: ".md" }).first().waitFor();
  await page.locator(".monaco-list-row").filter({ hasText: "busy" }).first().waitFor();
  await ask("and now?");
  await frame.locator(".assistant .said").filter({ hasText: "here again" }).waitFor();
  await open("shop/orders.py");
  await goTo(Number(process.env.OTHER));
  await press(again, page.getByText("Accept (parsed").first());
  await page.getByText("Accept (parsed").first().click();
  await line("if line]").waitFor();
  seen.ghost = await typedGhost(hands);
}

/** The embedded engine is killed under the fleet, a diff, an inline edit and ghost text, its own in the walkthrough's sample. */
export async function engine(hands) {
  const { page, seen, shot, sideBar, outside, listen, heard, command, line, press } = hands;
  const row = page.locator(".monaco-list-row").filter({ hasText: "lanyard-fim" }).first();
  await sideBar();
  await command("Lanyard: Get Started", page.getByText("See a completion").first());
  await page.getByText("See a completion").first().click();
  await page.getByRole("button", { name: "Open a sample" }).first().click();
  await page.locator(".monaco-editor .view-lines").first().waitFor();
  seen.before = await completed(hands);
  await command("View: Keep Editor");
  const sample = page.locator(".tabs-container .tab.active").first();
  const name = await sample.getAttribute("data-resource-name");
  await refactor(hands);
  await page.getByRole("button", { name: "Apply All" }).first().waitFor();
  await command("View: Keep Editor");
  await edit(hands, "tidier, please", process.env.OTHER);
  const accept = page.getByText("Accept (parsed").first();
  await accept.waitFor();
  await listen();
  await outside("kill");
  seen.stopped = await heard("stopped; the next request starts it again");
  await row.filter({ hasText: "local · stopped" }).waitFor();
  await shot("engine-stopped");
  await accept.click();
  await line("if line]").waitFor();
  await page.locator(".tabs-container .tab").filter({ hasText: "(proposal)" }).first().click();
  await press(page.getByRole("button", { name: "Apply All" }).first(), diff(page), { state: "detached" });
  seen.applied = true;
  seen.heard = await page.evaluate(() => window.heard);
  await page.locator(`.tabs-container .tab[data-resource-name="${name}"]`).first().click();
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("# Degrees.\n"); // another text: what was suggested is remembered
  await page.keyboard.press("Control+End");
  seen.after = await completed(hands);
  await row.filter({ hasText: /busy/ }).waitFor(); // its load again, and no word of the end
  seen.row = await row.innerText();
  await shot("engine-again");
}
