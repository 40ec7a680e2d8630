// The fleet's tree: asked once for each word of the server, and never drawn as it was before.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { showFleet } from "../src/fleet/tree";
import { EventEmitter, tree } from "./vscode";

interface Tree {
  getChildren(): { is: string; text?: string; fleet?: { problems: string[]; tasks: { id: string }[] } }[];
}

const [words, fleets, starts] = [new EventEmitter<unknown>(), new EventEmitter<void>(), new EventEmitter<void>()];
let asked: { answer: (fleet: unknown) => void; fail: (why: Error) => void }[] = [];
const server = {
  running: true,
  current: { state: "idle", line: "ready" },
  onWord: words.event,
  onFleet: fleets.event,
  onStart: starts.event,
  ask: () => new Promise((answer, fail) => asked.push({ answer, fail })),
};
tree.visible = true;
showFleet(server as never);

const shown = (): ReturnType<Tree["getChildren"]> => (tree.shown as Tree).getChildren();
const fleet = (id: string): unknown => ({ status: {}, workers: [], tasks: [{ id, state: "done" }], problems: [], keys: [] });
const settle = (): Promise<void> => new Promise(setImmediate);

beforeEach(() => {
  asked = [];
  server.running = true;
});

test("a word of the server and the change that it tells of ask once", () => {
  words.fire({ state: "working", line: "Review at gpu-1" });
  fleets.fire();
  assert.equal(asked.length, 1);
  words.fire({ state: "thinking", line: "thinking of a completion" });
  assert.equal(asked.length, 1);
});

test("a server that is gone is said in the tree", async () => {
  server.running = false;
  words.fire({ state: "error", line: "the server has stopped" });
  asked[0]?.fail(new Error("Lanyard does not run"));
  await settle();
  assert.equal(shown()[0]?.text, "Lanyard does not run");
});

test("an answer that comes after that of a later question is not drawn", async () => {
  fleets.fire();
  fleets.fire();
  asked[1]?.answer(fleet("new"));
  await settle();
  asked[0]?.answer(fleet("old"));
  await settle();
  assert.equal(shown()[0]?.fleet?.tasks[0]?.id, "new");
});

test("where changes come faster than answers, each answer is drawn", async () => {
  fleets.fire();
  fleets.fire();
  asked[0]?.answer(fleet("first"));
  await settle();
  assert.equal(shown()[0]?.fleet?.tasks[0]?.id, "first");
  asked[1]?.answer(fleet("second"));
  await settle();
  assert.equal(shown()[0]?.fleet?.tasks[0]?.id, "second");
});
