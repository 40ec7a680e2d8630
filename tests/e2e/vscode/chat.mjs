// Scenarios of the chat in the side bar.

export async function chat({ page, seen, shot, sideBar, ask, quick, rows, listed }) {
  const side = await sideBar();
  await side.getByRole("button", { name: "Add a file as context" }).click();
  await quick().fill("shop/cart.py");
  await listed();
  await rows().filter({ hasText: "shop/cart.py" }).first().click();
  await side.locator("#chips li").waitFor();
  seen.chip = await side.locator("#chips li span").innerText();
  const frame = await ask("why two? @shop/orders.py:1-5");
  await frame.locator(".block code").waitFor();
  await frame.locator(".note").first().waitFor();
  seen.answer = await frame.locator(".assistant .said").innerText();
  seen.buttons = await frame.locator(".bar button").allTextContents();
  seen.images = await frame.locator("img").count();
  seen.html = await frame.locator(".assistant .said b").count();
  seen.labels = await frame.locator("#log").getAttribute("aria-label");
  await shot("chat");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await frame.getByRole("button", { name: "Copy this code" }).click();
  await page.locator(".part.titlebar").click(); // the clipboard is read by a page that has the focus
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "print(2)\n");
  seen.copied = true;
}

/** Two chats; the first is picked again from the list of earlier ones. */
export async function earlier({ seen, shot, sideBar, ask, command, rows, listed, page }) {
  const frame = await sideBar();
  await ask("why two?");
  await frame.locator(".note").first().waitFor();
  await command("Lanyard: New Chat", frame.locator(".empty"));
  await ask("and now?");
  await frame.locator(".note").first().waitFor();
  await command("Lanyard: Earlier Chats", page.locator(".quick-input-title").filter({ hasText: "Chats of this workspace" }));
  seen.listed = await listed();
  await shot("chats");
  await rows().filter({ hasText: "why two?" }).first().click();
  await frame.locator(".user .said").filter({ hasText: "why two?" }).waitFor();
  seen.shown = await frame.locator(".said").allInnerTexts();
  await ask("and three?");
  await frame.locator(".assistant .said").filter({ hasText: "half" }).waitFor();
  await command("Lanyard: New Chat", frame.locator(".empty"));
  await frame.locator("#stop").waitFor({ state: "hidden" });
  seen.fresh = await frame.locator("#log").innerText();
  await ask("and now?");
  await frame.locator(".note").first().waitFor();
}

/** The server dies within an answer; a question that is asked while the next one starts is kept, and answered by it. */
export async function killed({ seen, shot, sideBar, ask, outside }) {
  const frame = await sideBar();
  await frame.evaluate(() => {
    const status = document.getElementById("status");
    window.said = [];
    new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true });
  });
  const said = (text) => frame.waitForFunction((piece) => window.said.some((line) => line.includes(piece)), text);
  await ask("why two?");
  await frame.locator(".assistant .said").filter({ hasText: "first" }).waitFor();
  await outside("kill");
  await frame.locator(".failed").waitFor();
  seen.failed = await frame.locator(".failed").innerText();
  seen.kept = await frame.locator(".user .said").innerText();
  await said("has stopped");
  await ask("and now?");
  await said("then your question is asked");
  await frame.locator("#stop").waitFor();
  await shot("kept");
  await outside("go on");
  await frame.locator(".assistant .said").filter({ hasText: "here again" }).waitFor();
  await frame.locator(".note").waitFor();
  await frame.waitForFunction(() => document.getElementById("status").textContent === "");
  seen.said = await frame.evaluate(() => window.said);
  await shot("killed");
}

export async function looks({ page, seen, theme, width, shot, sideBar, ask, open }) {
  const frame = await sideBar();
  await ask("why two?");
  await frame.locator(".note").first().waitFor();
  await open("shop/orders.py");
  await page.locator(".monaco-editor .view-lines").first().waitFor();
  // Nothing is wider than its place.
  seen.wide = await frame.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((one) => !one.closest("pre") && one.scrollWidth > document.documentElement.clientWidth + 1)
      .map((one) => one.className || one.tagName),
  );
  seen.colours = await frame.evaluate(() => [getComputedStyle(document.body).color, document.body.className]);
  await shot(`chat-${theme.toLowerCase().replaceAll(" ", "-")}-${width}`);
}

/** The selection as a chip, Stop in the middle, the keyboard only, and the same chat after a reload. */
export async function talk({ page, seen, shot, command, open, goTo, chatFrame, sideBar, ready }) {
  await sideBar();
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  for (let row = 0; row < 3; row++) await page.keyboard.press("Shift+ArrowDown");
  await command("Lanyard: Add to Chat");
  let frame = await chatFrame();
  await frame.locator("#chips li").waitFor();
  seen.chip = await frame.locator("#chips li span").innerText();
  const focused = () => frame.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("aria-label"));
  await frame.waitForFunction(() => document.hasFocus() && document.activeElement.id === "text");
  await page.keyboard.type("why two?");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("and three?");
  await page.keyboard.press("Enter");
  await frame.locator(".assistant .said").filter({ hasText: "half" }).waitFor();
  await shot("chat-streaming");
  await page.keyboard.press("Escape");
  await frame.locator(".failed").filter({ hasText: "Stopped." }).waitFor();
  seen.question = await frame.locator(".user .said").innerText();
  seen.partial = await frame.locator(".assistant .said").innerText();
  seen.order = [];
  for (const key of ["Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"]) {
    await page.keyboard.press(key);
    seen.order.push(await focused());
  }
  seen.unnamed = await frame.evaluate(() =>
    [...document.querySelectorAll("button, textarea, a, [tabindex], [role]")]
      .filter((one) => !one.getAttribute("aria-label") && !one.textContent.trim() && one.getAttribute("role") !== "status")
      .map((one) => one.outerHTML),
  );
  seen.policy = await frame.evaluate(() => document.querySelector("meta[http-equiv=Content-Security-Policy]").content);
  await page.reload();
  await ready();
  await command("Lanyard: Focus on Chat View");
  frame = await chatFrame();
  await frame.locator(".assistant .said").filter({ hasText: "half" }).waitFor();
  seen.again = await frame.locator(".user .said").innerText();
}

/** Code of an answer: inserted at the cursor, and applied as a diff with a yes. */
export async function code({ page, seen, shot, sideBar, ask, open, goTo, line, press }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  const frame = await sideBar();
  await ask("a constant, please");
  await frame.locator(".note").first().waitFor();
  await frame.getByRole("button", { name: "Insert" }).click();
  await line("ABROAD = 1990").waitFor();
  seen.inserted = true;
  await frame.getByRole("button", { name: "Copy" }).click();
  await page.locator(".monaco-editor .view-lines").first().click();
  await goTo(1);
  await page.keyboard.press("Shift+End");
  await frame.getByRole("button", { name: "Apply as diff" }).click();
  await page.getByText("Accept (from the chat").first().waitFor();
  await shot("chat-diff");
  const accept = page.getByText("Accept (from the chat").first();
  await press(accept, accept, { state: "detached" });
  await line("Orders: stored").waitFor({ state: "detached" });
  seen.applied = true;
}

/** `@lanyard` in VS Code's own chat view. */
export async function participant({ page, seen, shot, command, sideBar, offered }) {
  await sideBar();
  await command("Chat: Open Chat");
  const input = page.locator(".interactive-input-part .monaco-editor").first();
  await input.click();
  // VS Code asks which model once; the fleet's are in the list.
  const model = page.locator(".chat-input-toolbars, .interactive-input-part").getByText(/^Models$|scripted/).first();
  if ((await model.innerText()) === "Models") {
    const scripted = page.locator(".action-widget .monaco-list-row").filter({ hasText: "scripted" }).first();
    await offered(model, scripted);
    await shot("models");
    await scripted.click();
  }
  seen.model = await page.locator(".interactive-input-part").getByText("scripted").first().innerText();
  await input.click();
  await page.keyboard.type("@lanyard why two?");
  await shot("participant-asked");
  await page.keyboard.press("Enter");
  await page.locator(".interactive-item-container").filter({ hasText: "Because of this" }).first().waitFor();
  seen.answered = true;
  await shot("participant");
}
