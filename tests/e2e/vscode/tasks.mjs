// Scenarios of tasks: reviews, proposals, what is applied of them, lenses.

const diff = (page) => page.locator(".monaco-diff-editor").first();

export async function review({ page, seen, shot, command, open, goTo, lightBulb, toast }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Review");
  await page.locator(".squiggly-warning").first().waitFor();
  seen.notification = await toast("1 finding").locator(".notification-list-item-message").textContent();
  await shot("review");
  const problem = page.locator(".markers-panel .monaco-list-row").filter({ hasText: "never closed" }).first();
  await command("Problems: Focus on Problems View", problem);
  seen.problem = await problem.innerText();
  await goTo(Number(process.env.FINDING));
  const dismiss = await lightBulb("Dismiss finding");
  seen.fixes = await page.locator(".action-widget .monaco-list-row").allTextContents();
  await shot("quick-fixes");
  await dismiss.click();
  await page.locator(".squiggly-warning").first().waitFor({ state: "detached" });
  seen.dismissed = true;
}

export async function proposal({ page, seen, shot, command, open, goTo, toast, line, press }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Refactor");
  const told = toast("Refactor shipping");
  await told.filter({ hasText: "parsed" }).waitFor();
  seen.notification = await told.locator(".notification-list-item-message").textContent();
  seen.buttons = await told.locator(".monaco-button").allTextContents();
  await shot("proposal-notification");
  await told.getByRole("button", { name: "Show diff" }).click();
  await diff(page).waitFor();
  const apply = page.getByRole("button", { name: "Apply All" }).first();
  await apply.waitFor();
  await shot("proposal-diff");
  await press(apply, diff(page), { state: "detached" });
  await open("shop/orders.py");
  await line("else 490").waitFor();
  seen.applied = true;
}

/** One of two hunks from the title button at the cursor; the other stays, and is dismissed. */
export async function hunks({ page, seen, shot, command, open, goTo, toast, line }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Refactor");
  await toast("Refactor shipping").getByRole("button", { name: "Show diff" }).click();
  await diff(page).waitFor();
  const button = page.getByRole("button", { name: "Apply the Hunk at the Cursor" }).first();
  await button.waitFor();
  await goTo(Number(process.env.SECOND));
  const lenses = page.locator(".monaco-diff-editor .codelens-decoration a").filter({ hasText: /\S/ });
  await lenses.nth(3).waitFor();
  seen.lenses = await lenses.allTextContents();
  await shot("hunks");
  await button.click();
  // The other hunk stays in the diff, on the text as it is now.
  await page.locator(".monaco-diff-editor .original .view-line").filter({ hasText: /Money\(500\)/ }).first().waitFor();
  await page.locator(".tabs-container .tab").filter({ hasText: "orders.py" }).first().click();
  await diff(page).waitFor({ state: "hidden" });
  await line("Money(500)").waitFor();
  seen.kept = await line("Money(1990)").count();
  await command("Lanyard: Show a Proposal");
  await diff(page).waitFor();
  await page.getByRole("button", { name: "Dismiss the Proposal" }).first().click();
  await diff(page).waitFor({ state: "detached" });
  await command("Lanyard: Show a Proposal");
  await toast("No proposal waits for you").waitFor();
  seen.dismissed = true;
}

/** A light bulb's "Show diff" opens the diff editor; an explanation its document; tests a new file. */
export async function writes({ page, seen, shot, command, open, goTo, lightBulb, toast, tab, line }) {
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Explain");
  await tab(".md").waitFor();
  await line("It asks where").waitFor();
  await shot("explanation");
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  await command("Lanyard: Write Tests");
  await toast("Write tests for shipping").waitFor();
  await (await lightBulb("Show diff")).click();
  await diff(page).waitFor();
  await command("Lanyard: Apply All");
  await tab("test_orders.py").or(page.locator(".tabs-container .tab").filter({ hasText: "test_orders.py" })).first().waitFor();
  await open("test_orders.py");
  await line("def test_abroad").waitFor();
  seen.created = true;
}

/** Lenses tell the state of a task; its progress can be cancelled; Dismiss on the notification takes a result down. */
export async function lenses({ page, seen, shot, open, toast }) {
  await open("shop/orders.py");
  const lens = (text) => page.locator(".codelens-decoration a, .codelens-decoration span").filter({ hasText: text }).first();
  await lens("Review").waitFor();
  await lens("Review").click();
  await lens("reviewing at gpu-1").waitFor();
  await shot("lenses");
  await page.locator(".statusbar-item").filter({ hasText: "Review shipping" }).first().waitFor();
  await page.getByRole("button", { name: "Cancel: Review shipping" }).first().click();
  await lens("reviewing").waitFor({ state: "detached" });
  seen.cancelled = true;
  await lens("Write tests").click();
  await toast("Write tests for shipping").getByRole("button", { name: "Dismiss" }).waitFor();
  await lens("proposal waits").waitFor();
  await toast("Write tests for shipping").getByRole("button", { name: "Dismiss" }).click();
  await lens("proposal waits").waitFor({ state: "detached" });
  seen.dismissed = true;
}

/** From the context menu: what it offers, and one of them, applied by the button of its notification. Then a finding is mended. */
export async function menu({ page, seen, shot, command, open, goTo, toast, line, sideBar }) {
  await sideBar();
  await open("shop/orders.py");
  await goTo(Number(process.env.LINE));
  const entry = (text) => page.locator(".monaco-menu .action-item").filter({ hasText: text }).last();
  await line("def shipping").click({ button: "right" });
  await entry("Lanyard").hover();
  await entry("Write Tests").waitFor();
  seen.entries = (await page.locator(".monaco-menu .monaco-menu .action-label").allTextContents()).filter(Boolean);
  await shot("context-menu");
  await entry("Document").click();
  await toast("Document shipping").getByRole("button", { name: "Apply", exact: true }).click();
  await line("What a parcel costs").waitFor();
  await command("Lanyard: Review");
  await page.locator(".squiggly-warning").first().waitFor();
  await goTo(Number(process.env.LINE) + 1);
  await command("Lanyard: Fix the Problem at the Cursor");
  await toast("Fix: ").getByRole("button", { name: "Apply", exact: true }).click();
  await line("What it costs, in cents").waitFor();
  seen.mended = true;
}
