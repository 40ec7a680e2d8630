// Diagnostics are asked for when the typing pauses, not with each key.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { CancellationTokenSource, Uri } from "vscode";
import { onceQuiet } from "../src/server/quiet";

const document = { uri: Uri.parse("file:///w/a.py") } as never;

let asked: number;
let answered: number;
let items: unknown[];
let quiet: ReturnType<typeof onceQuiet>;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  [asked, answered, items] = [0, 0, []];
  quiet = onceQuiet({});
});

afterEach(() => mock.timers.reset());

/** A key: whether the client would ask about it at all. */
const typed = (): boolean => quiet.diagnosticPullOptions?.filter?.(document, 0 as never) === false;

async function pull(cancel = new CancellationTokenSource()): Promise<void> {
  const next = (): Promise<unknown> => {
    asked++;
    return Promise.resolve({ kind: "full", items });
  };
  await quiet.middleware?.provideDiagnostics?.(document, undefined, cancel.token, next as never);
  answered++;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

test("a document without diagnostics is not asked about while it is typed in", async () => {
  assert.equal(typed(), false);
  await pull(); // the server said that some may have come
  assert.equal(asked, 1);
  assert.equal(typed(), false);
});

test("one with diagnostics is asked about 250 ms after the last key", async () => {
  items = [{}];
  await pull();
  assert.equal(typed(), true);
  void pull();
  mock.timers.tick(200);
  assert.equal(typed(), true);
  await settle();
  assert.equal(asked, 1);
  mock.timers.tick(50);
  await settle();
  assert.equal(asked, 2);
  void pull();
  mock.timers.tick(199);
  await settle();
  assert.equal(asked, 2);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual([asked, answered], [3, 3]);
});

test("a request that the next key takes the place of is not sent", async () => {
  items = [{}];
  await pull();
  assert.equal(typed(), true);
  const cancel = new CancellationTokenSource();
  const pulling = pull(cancel);
  cancel.cancel();
  await assert.rejects(pulling);
  mock.timers.tick(1000);
  await settle();
  assert.equal(asked, 1);
});

test("a document whose last diagnostic has gone is not asked about any more", async () => {
  items = [{}];
  await pull();
  items = [];
  void pull();
  mock.timers.tick(0);
  await settle();
  assert.equal(answered, 2);
  assert.equal(typed(), false);
});
