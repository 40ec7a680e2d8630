// Chats as they are kept: by two windows of one workspace too, and whatever their length.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Uri } from "vscode";
import { type Chat, History } from "../src/chat/history";
import type { Turn } from "../src/protocol";

let folder: string;
let warned: string[];

const user = (content: string): Turn => ({ role: "user", content });
const model = (content: string): Turn => ({ role: "assistant", content });
const opened = (): History => new History(Uri.file(folder), (line) => warned.push(line));
const said = (chats: Chat[]): string[][] => chats.map(({ turns }) => turns.map(({ content }) => content)).sort();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-chats-"));
  warned = [];
});

afterEach(async () => {
  assert.deepEqual(warned, []);
  await rm(folder, { recursive: true });
});

test("two windows that keep chats at once lose none", async () => {
  const windows = Array.from({ length: 6 }, opened);
  await Promise.all(windows.map((one, at) => one.keep({ ...one.fresh(), turns: [user(`question ${at}`)] })));
  assert.deepEqual(said(await opened().all()), windows.map((_, at) => [`question ${at}`]));
});

test("a chat that two windows go on with stays in both ways", async () => {
  const [one, other] = [opened(), opened()];
  const begun = { ...one.fresh(), turns: [user("q"), model("a")] };
  await one.keep(begun);
  const [again] = await other.all();
  assert.ok(again);
  begun.turns.push(user("here"), model("yes"));
  await one.keep(begun);
  again.turns.push(user("there"));
  await other.keep(again);
  again.turns.push(model("too"));
  await other.keep(again);
  assert.deepEqual(said(await one.all()), [["q", "a", "here", "yes"], ["q", "a", "there", "too"]]);
});

test("a long chat is kept whole", async () => {
  const history = opened();
  const long = { ...history.fresh(), turns: [user("short"), model("x".repeat(300_000))] };
  await history.keep(long);
  long.turns.push(user("y".repeat(300_000)));
  await history.keep(long);
  assert.deepEqual((await opened().all()).map(({ turns }) => turns.length), [3]);
});

test("of many chats the newest stay, and what is no chat is left alone", async () => {
  const history = opened();
  for (let at = 0; at < 55; at++) {
    await history.keep({ ...history.fresh(), turns: [user(`question ${at}`)] });
  }
  const stranger = join(folder, "chats", "notes.json");
  await writeFile(stranger, "{}");
  const kept = await opened().all();
  assert.equal(kept.length, 50);
  assert.equal(kept[0]?.turns[0]?.content, "question 54");
  assert.ok(existsSync(stranger));
});

test("a chat that cannot be kept is said once", async () => {
  await writeFile(join(folder, "chats"), "in the way");
  const history = opened();
  const chat = { ...history.fresh(), turns: [user("q")] };
  await history.keep(chat);
  await history.keep(chat);
  assert.equal(warned.length, 1);
  assert.match(warned.pop() ?? "", /^Lanyard could not keep this chat: /);
});
