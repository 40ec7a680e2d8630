// Chat with a real llama.cpp engine. What it says is its own affair; the test holds it in the middle, and kills it.

/** Its row in the fleet's tree says that it can be asked. */
const ready = (page) => page.locator(".monaco-list-row").filter({ hasText: /gpu-1.*busy/ }).first();

/** A new chat with one question, whose answer is held once it has begun; what is seen of it then. */
async function begin({ page, ask, outside, chatFrame }, question) {
  const frame = await chatFrame();
  await ready(page).waitFor();
  await outside("hold");
  await ask(question);
  await outside("held");
  await frame.locator(".assistant .said").filter({ hasText: /\S/ }).waitFor();
  return (await frame.locator(".assistant .said").innerText()).length;
}

const fresh = async ({ command, chatFrame }) => command("Lanyard: New Chat", (await chatFrame()).locator(".empty"));

/** One answer to its end, one stopped, one whose engine is killed under it, and one of the engine that came after. */
export async function talking(hands) {
  const { page, seen, shot, sideBar, ask, outside, listen, heard, command, listed } = hands;
  const frame = await sideBar();
  await listen();
  const failed = frame.locator(".failed");
  const size = async () => (await frame.locator(".assistant .said").innerText()).length;

  seen.begun = await begin(hands, "the first?");
  seen.early = await frame.locator(".note").count();
  await outside("go on");
  await frame.locator(".note").waitFor();
  seen.ended = await size();
  seen.note = await frame.locator(".note").innerText();
  await shot("engine-chat");

  await fresh(hands);
  await begin(hands, "the second?");
  await frame.getByRole("button", { name: "Stop" }).click();
  await failed.filter({ hasText: "Stopped." }).waitFor();
  await outside("left");

  await fresh(hands);
  seen.before = await begin(hands, "the third?");
  await outside("kill");
  await failed.waitFor();
  seen.failed = await failed.innerText();
  seen.kept = [await frame.locator(".user .said").innerText(), await size()];
  seen.row = await heard("gpu-1local · down");
  await shot("engine-gone");
  await outside("start");
  await ready(page).waitFor();
  await ask("and now?");
  await frame.locator(".note").waitFor();

  await command("Lanyard: Earlier Chats", page.locator(".quick-input-title").filter({ hasText: "Chats of this workspace" }));
  seen.listed = await listed();
  await page.keyboard.press("Escape");
}
