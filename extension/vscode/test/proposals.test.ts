// Hunks of a proposal: each is taken by its own number, however fast one clicks.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { showProposals } from "../src/tasks/proposals";
import { EventEmitter, provided, registered, told, Uri, window } from "./vscode";

const hunk = (index: number, firstLine: number, before = "old\n"): object => ({ index, firstLine, before, after: "new\n" });
const lines = (count: number): string => "line\n".repeat(count - 1);
const THREE = { before: lines(20), after: lines(20), hunks: [hunk(0, 2), hunk(1, 5), hunk(2, 9)] };
const TWO = { before: lines(30), after: lines(20), hunks: [hunk(1, 15), hunk(2, 19)] };

let taken: number[][];
let ends: ((answer: { left: number }) => void)[];
let proposal: object;

const server = {
  running: true,
  onWord: new EventEmitter<void>().event,
  onResult: new EventEmitter<void>().event,
  ask: () => Promise.resolve({ id: "p", title: "Refactor", uri: "file:///w/a.py", ...proposal }),
  execute: (_: string, __: string, chosen: number[]) => {
    taken.push(chosen);
    return new Promise((resolve) => ends.push(resolve));
  },
};
const side = (name: string): Uri => Uri.parse(`lanyard-proposal:/p/${name}/a.py`);
const click = (...given: unknown[]): unknown => registered.get("lanyard.proposal.applyHunk")?.(...(given as never[]));
const settle = (): Promise<void> => new Promise(setImmediate);

beforeEach(async () => {
  [taken, ends, proposal] = [[], [], THREE];
  told.length = 0;
  showProposals(server as never);
  const sides = provided.get("lanyard-proposal") as { provideTextDocumentContent(uri: Uri): Promise<string> };
  await sides.provideTextDocumentContent(side("after"));
});

test("a second click on a hunk that is on its way takes no other", async () => {
  void click("p", 0);
  void click("p", 0);
  await settle();
  proposal = TWO;
  ends[0]?.({ left: 2 });
  await settle();
  assert.deepEqual(taken, [[0]]);
});

test("a click on another hunk waits for the first, and takes the one that was clicked on", async () => {
  void click("p", 0);
  void click("p", 2);
  await settle();
  assert.deepEqual(taken, [[0]]);
  proposal = TWO;
  ends[0]?.({ left: 2 });
  await settle();
  assert.deepEqual(taken, [[0], [2]]);
});

test("a hunk keeps its number where it is shown as the first of two", async () => {
  proposal = TWO;
  void click("p", 0);
  await settle();
  ends[0]?.({ left: 2 });
  await settle();
  const lenses = provided.get("lenses") as { provideCodeLenses(document: object): { command: { title: string; arguments: unknown[] } }[] };
  const shown = lenses.provideCodeLenses({ uri: side("after"), lineCount: 20 }).slice(2);
  assert.deepEqual(shown.map(({ command }) => [command.title, command.arguments]), [
    ["Apply this hunk (1 of 2)", ["p", 1]],
    ["Apply this hunk (2 of 2)", ["p", 2]],
  ]);
});

test("by its key no hunk is taken from a diff that still shows what was before", async () => {
  const at = (line: number, lineCount: number): void => {
    window.activeTextEditor = { document: { uri: side("before"), lineCount }, selection: { active: { line } } };
  };
  proposal = TWO;
  void click("p", 0);
  await settle();
  ends[0]?.({ left: 2 });
  await settle();
  at(9, 20); // where the last hunk stood before the first grew
  await click();
  assert.deepEqual(taken, [[0]]);
  assert.match(told[0] ?? "", /drawn anew; choose the hunk once more/);
  at(19, 30);
  void click();
  await settle();
  assert.deepEqual(taken, [[0], [2]]);
});
