// The chat of the side bar: what it sends, keeps and says, with a page and a server of the test's.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Uri as VscodeUri } from "vscode";
import type { Done, Shown } from "../src/chat/messages";
import { ChatView } from "../src/chat/view";
import { History } from "../src/chat/history";
import { EventEmitter, files, provided, registered, told, Uri, window, workspace } from "./vscode";

interface Asked {
  params: { messages: { content: string }[]; context: { uri: string; range?: object }[] };
  part: (told: { text: string }) => void;
  answer: (text: string, problems?: string[]) => void;
  fail: (why: Error) => void;
}

let storage: string;
let shown: Shown[];
let asked: Asked[];
let view: ChatView;
let page: EventEmitter<Done>;

const server = {
  running: true,
  current: { state: "idle", line: "ready" },
  onWord: new EventEmitter<void>().event,
  uriOf: (uri: VscodeUri) => uri.toString(),
  stream: (_: string, params: Asked["params"], part: Asked["part"]) =>
    new Promise((resolve, reject) => {
      const answer = (text: string, problems: string[] = []): void =>
        resolve({ message: { role: "assistant", content: text }, model: "m", worker: "w", finish: "stop", usage: {}, problems });
      asked.push({ params, part, answer, fail: reject });
    }),
};

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "lanyard-chat-"));
  [shown, asked] = [[], []];
  workspace.workspaceFolders = [{ uri: Uri.file("/work place") }];
  const context = { storageUri: Uri.file(storage), extensionUri: Uri.file("/extension") };
  view = new ChatView(context as never, server as never, {} as never);
  opened();
  await until(() => shown.length > 0);
});

afterEach(async () => {
  view.dispose();
  // What is still being kept would be in the way of the folder's end, and of the next test.
  asked.forEach((one) => one.fail(new Error("the test is over")));
  await new Promise(setImmediate);
  await view["history"].all();
  files.clear();
  told.length = 0;
  [window.activeTextEditor, window.visibleTextEditors] = [undefined, []];
  await rm(storage, { recursive: true, force: true });
});

/** The view is shown, for the first time or again: its page begins anew each time. */
function opened(): () => void {
  page = new EventEmitter<Done>();
  let closed: () => void = () => undefined;
  const webview = {
    options: {},
    html: "",
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: page.event,
    postMessage: (message: Shown) => shown.push(structuredClone(message)),
  };
  const provider = provided.get("lanyard.chat") as { resolveWebviewView(view: unknown): void };
  provider.resolveWebviewView({ webview, onDidDispose: (heard: () => void) => (closed = heard) });
  page.fire({ is: "ready" });
  return () => closed();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise(setImmediate);
  }
}

async function send(text: string): Promise<Asked> {
  const before = asked.length;
  page.fire({ is: "send", text });
  await until(() => asked.length > before);
  const one = asked.at(-1);
  assert.ok(one);
  return one;
}

const ended = (): Promise<void> => until(() => shown.some(({ is }) => is === "end" || is === "failed"));

test("why a question failed stands there when the view is shown again", async () => {
  const question = await send("why?");
  question.fail(new Error("the server has stopped; ask once more"));
  await ended();
  shown = [];
  opened();
  const [state] = shown;
  assert.ok(state?.is === "state");
  assert.deepEqual(state.note, { kind: "failed", line: "the server has stopped; ask once more" });
});

test("what was not sent stands there when the view is shown again, until the next question", async () => {
  (await send("and this?")).answer("so", ["secrets.py is not sent: excluded by .gitignore"]);
  await ended();
  shown = [];
  opened();
  assert.match(shown[0]?.is === "state" ? (shown[0].note?.line ?? "") : "", /secrets\.py is not sent/);
  shown = [];
  await send("more?");
  assert.equal(shown[0]?.is === "state" ? shown[0].note : "", undefined);
});

test("files are found as people write their names", async () => {
  const there = ["src/app.py", "größe.py", "app/[slug]/page.tsx", "Makefile"];
  there.forEach((path) => files.add(`/work place/${path}`));
  const sent = async (text: string): Promise<string[]> => {
    const question = await send(text);
    question.answer("yes");
    shown = [];
    await ended();
    return question.params.context.map(({ uri }) => Uri.parse(uri).fsPath.slice("/work place/".length));
  };
  assert.deepEqual(await sent("Look at @src/app.py."), ["src/app.py"]);
  assert.deepEqual(await sent("(@src/app.py), @größe.py?"), ["src/app.py", "größe.py"]);
  assert.deepEqual(await sent("@app/[slug]/page.tsx: and @Makefile!"), ["app/[slug]/page.tsx", "Makefile"]);
  assert.deepEqual(await sent("@src\\app.py, mail me@src/app.py or @nobody"), ["src/app.py"]);
});

test("lines of a file are counted as people count them", async () => {
  files.add("/work place/a.py");
  const { params } = await send("@a.py:3-5 @a.py:2. @a.py:0");
  const range = (first: number, last: number): object => ({ start: { line: first, character: 0 }, end: { line: last, character: 0 } });
  assert.deepEqual(params.context.map((one) => one.range), [range(2, 5), range(1, 2), undefined]);
});

test("code goes into the file that was looked at, and where it cannot, that is said", async () => {
  const done: string[] = [];
  const editor = (scheme: string, takes: boolean): object => ({
    document: { uri: { scheme } },
    edit: () => Promise.resolve(takes && done.push(scheme) > 0),
  });
  window.visibleTextEditors = [editor("output", true), editor("file", true)];
  page.fire({ is: "insert", code: "x" });
  await until(() => done.length > 0);
  assert.deepEqual(done, ["file"]);
  window.activeTextEditor = editor("file", false);
  page.fire({ is: "insert", code: "x" });
  await until(() => told.length > 0);
  assert.match(told[0] ?? "", /read-only/);
  [window.activeTextEditor, window.visibleTextEditors] = [undefined, [editor("output", true)]];
  page.fire({ is: "insert", code: "x" });
  await until(() => told.length > 1);
  assert.match(told[1] ?? "", /^Open the file/);
});

test("a question that is too long for the server is refused before it is in the chat, which goes on", async () => {
  page.fire({ is: "send", text: "x".repeat(400_001) });
  await until(() => told.length > 0);
  assert.match(told[0] ?? "", /400,001 characters, and 400,000 go at once: shorten it, or save .* @path/);
  assert.deepEqual(asked, []);
  const { params } = await send("and now?");
  assert.deepEqual(params.messages.map(({ content }) => content), ["and now?"]);
  assert.doesNotMatch(JSON.stringify(shown), /xxx/);
});

test("signs of two units count as one, as the server counts them", async () => {
  const { params } = await send("\u{1f600}".repeat(300_000));
  assert.equal(params.messages.length, 1);
});

test("a window that closes in the middle of an answer keeps what has come, as a part", async () => {
  const question = await send("why?");
  question.part({ text: "It is\n```python\nx = 1" });
  const left = view.leave();
  view.dispose(); // at once, as VS Code does
  question.fail(new Error("the server was stopped"));
  await left;
  await new Promise(setImmediate);
  const kept = await new History(Uri.file(storage), (line) => told.push(line)).all();
  assert.deepEqual(kept.map(({ turns }) => turns.map(({ content }) => content)), [
    ["why?", "It is\n```python\nx = 1\n```\n\n*(cut short here: the window was closed)*"],
  ]);
  assert.deepEqual(told, []);
});

test("a window that closes after the answer keeps it as it is", async () => {
  const question = await send("why?");
  question.part({ text: "so" });
  question.answer("so");
  await ended();
  await view.leave();
  const [kept] = await new History(Uri.file(storage), (line) => told.push(line)).all();
  assert.deepEqual(kept?.turns.map(({ content }) => content), ["why?", "so"]);
});

test("a window that closes while an answer is being kept keeps it once, as it is", async () => {
  const question = await send("why?");
  question.part({ text: "so" });
  question.answer("so");
  await Promise.resolve();
  await until(() => view["chat"].turns.length === 2);
  await view.leave();
  const [kept] = await new History(Uri.file(storage), (line) => told.push(line)).all();
  assert.deepEqual(kept?.turns.map(({ content }) => content), ["why?", "so"]);
});

test("the end of an old view, told late, leaves the new one its words", () => {
  const closed = opened();
  opened();
  closed();
  shown = [];
  page.fire({ is: "drop", index: 0 });
  assert.deepEqual(shown.map(({ is }) => is), ["chips"]);
});

test("a file that was measured too late does not go with another chat", async () => {
  let measured: (found: unknown) => void = () => undefined;
  Object.assign(server, { ask: () => new Promise((resolve) => (measured = resolve)) });
  const document = { uri: Uri.file("/work place/a.py") };
  window.activeTextEditor = { document, selection: { isEmpty: true } };
  void registered.get("lanyard.chat.addSelection")?.();
  registered.get("lanyard.chat.fresh")?.();
  measured({ items: [{ label: "a.py", tokens: 3, problem: "" }] });
  await new Promise(setImmediate);
  const { params } = await send("what?");
  assert.deepEqual(params.context, []);
});
