// Scenarios of the fleet's view.

import { status } from "./start.mjs";

export async function fleet({ page, seen, shot, sideBar, worker, visible, command, press }) {
  await sideBar();
  const row = worker();
  await row.click();
  await visible("scripted-qwen");
  await shot("fleet");
  seen.row = await row.innerText();
  await press(row.getByRole("button", { name: "Drain" }), row.filter({ hasText: "drained" }), { row });
  await press(row.getByRole("button", { name: "Resume" }), row.filter({ hasText: "busy" }), { row });
  await command("Lanyard: Show Output", page.locator(".part.panel .output-view .view-line").first());
  seen.resumed = true;
}

/** One of two workers is down: where that is said. It comes back and is tested by its button; a third one is added. */
export async function workers({ page, seen, shot, command, open, outside, quick, sideBar, toast, press }) {
  const row = (text) => page.locator(".monaco-list-row").filter({ hasText: text }).first();
  await open("shop/orders.py");
  await sideBar();
  await row("gpu-2").filter({ hasText: "down" }).waitFor();
  seen.message = await page.locator(".tree-explorer-viewlet-tree-view > .message").filter({ hasText: "start the model server" }).innerText();
  seen.fewer = await status(page, "1 of 2 workers down");
  const link = await page.locator(".hover-language-status").filter({ hasText: "1 of 2" }).getByText("Fleet").last().boundingBox();
  seen.inside = link.x + link.width <= page.viewportSize().width;
  await shot("one-down");
  await page.keyboard.press("Escape");
  await outside("come back");
  await press(row("gpu-2").getByRole("button", { name: "Test" }), toast("gpu-2 answers"), { row: row("gpu-2") });
  await row("gpu-2").filter({ hasText: "busy" }).waitFor();
  await page.locator(".tree-explorer-viewlet-tree-view > .message").filter({ hasText: "start" }).waitFor({ state: "hidden" });
  seen.whole = await status(page, "ready: ");
  await page.keyboard.press("Escape");
  await command("Lanyard: Add a Model Server", page.locator(".quick-input-widget").filter({ hasText: "Its address" }).first());
  await quick().fill(process.env.URL);
  await page.keyboard.press("Enter");
  seen.added = await toast("is ready").locator(".notification-list-item-message").innerText();
  await page.waitForFunction(() => [...document.querySelectorAll(".monaco-list-row")].filter((one) => /busy/.test(one.textContent)).length === 3);
  await shot("three-workers");
}
