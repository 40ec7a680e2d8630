// Answers that come in pieces, over a real connection: each is heard by who asked, and nobody's progress is taken away.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { createMessageConnection, type MessageConnection, ProgressType, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { Server } from "../src/server/server";
import { clients, place } from "./started";

const output = { error: () => undefined, warn: () => undefined };
const globalState = { get: (_: string, otherwise: unknown) => otherwise };
const context = { extension: { packageJSON: { version: "0.1.0" } }, globalState };

let server: Server;
let here: MessageConnection;
let there: MessageConnection;
const asked = new Map<string, { token: string; answer: () => void }>();

function connected(): [MessageConnection, MessageConnection] {
  const [out, back] = [new PassThrough(), new PassThrough()];
  const one = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(out));
  const other = createMessageConnection(new StreamMessageReader(out), new StreamMessageWriter(back));
  one.listen();
  other.listen();
  return [one, other];
}

/** A request that the server has got and not answered yet. */
async function under(method: string): Promise<{ token: string; answer: () => void }> {
  for (;;) {
    const found = asked.get(method);
    if (found) {
      return found;
    }
    await new Promise(setImmediate);
  }
}

const say = (token: string, value: object): Promise<void> => there.sendNotification("$/progress", { token, value });

beforeEach(async () => {
  asked.clear();
  clients.length = 0;
  place.found = { command: "lanyard", args: ["serve"], version: "0.1.0" };
  [here, there] = connected();
  there.onRequest((method: string, params?: object) => {
    const { partialResultToken: token = "" } = (params ?? {}) as { partialResultToken?: string };
    return method === "lanyard/fleet"
      ? { status: { state: "idle", line: "ready" } }
      : new Promise((resolve) => asked.set(method, { token, answer: () => resolve({}) }));
  });
  server = new Server(context as never, output as never);
  const starting = server.start();
  while (clients.length === 0) {
    await new Promise(setImmediate);
  }
  Object.assign(clients[0] ?? {}, { connection: here });
  clients[0]?.comesUp();
  await starting;
});

afterEach(() => {
  server.dispose();
  here.dispose();
  there.dispose();
});

test("two answers that come at once are each heard to their end", async () => {
  const [chat, edit]: [string[], string[]] = [[], []];
  const first = server.stream("lanyard/chat", {}, ({ text = "" }) => chat.push(text));
  const second = server.stream("lanyard/edit", {}, ({ text = "" }) => edit.push(text));
  const [one, other] = [await under("lanyard/chat"), await under("lanyard/edit")];
  await say(one.token, { text: "a" });
  await say(other.token, { text: "b" });
  one.answer();
  await first;
  await say(other.token, { text: "c" });
  other.answer();
  await second;
  assert.deepEqual([chat, edit], [["a"], ["b", "c"]]);
});

test("the progress of a task is heard while an answer comes, and after it", async () => {
  const progress: unknown[] = [];
  here.onProgress(new ProgressType<unknown>(), "task", (value) => void progress.push(value));
  const answer = server.stream("lanyard/chat", {}, () => undefined);
  const chat = await under("lanyard/chat");
  await say("task", { kind: "begin" });
  chat.answer();
  await answer;
  await say("task", { kind: "end" });
  await there.sendRequest("$/nothing").catch(() => undefined); // what was said before has come
  assert.deepEqual(progress, [{ kind: "begin" }, { kind: "end" }]);
});
