// Ghost text is asked for when a run of keys seems to be over, and at once outside of one.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { CancellationTokenSource } from "vscode";
import { Pace } from "../src/server/pace";

let pace: Pace;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  pace = new Pace();
});

afterEach(() => mock.timers.reset());

/** Keys with a gap before each. */
function typed(...gaps: number[]): void {
  for (const gap of gaps) {
    mock.timers.tick(gap);
    pace.typed();
  }
}

/** Whether the question about the last key was sent so many milliseconds after the key; undefined: not decided yet. */
async function sentAfter(ms: number, cancel = new CancellationTokenSource()): Promise<boolean | undefined> {
  let sent: boolean | undefined;
  mock.timers.tick(50); // as VS Code itself waits
  void pace.over(cancel.token as never).then((is) => (sent = is));
  mock.timers.tick(ms - 50);
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
  return sent;
}

test("the first keys, and those after a pause, are asked about at once", async () => {
  typed(500, 50, 50, 50);
  assert.equal(await sentAfter(50), true);
  typed(500, 100, 100, 100, 100, 100, 200);
  assert.equal(await sentAfter(50), true);
  typed(100, 100, 100, 100);
  assert.equal(await sentAfter(50), true);
});

test("in a run the question waits for somewhat longer than its usual gap", async () => {
  typed(500, 80, 100, 70, 190, 80);
  assert.equal(await sentAfter(95), undefined);
  typed(500, 80, 100, 70, 190, 80);
  assert.equal(await sentAfter(96), true);
  typed(500, 190, 190, 190, 190, 190);
  assert.equal(await sentAfter(199), undefined);
  typed(500, 190, 190, 190, 190, 190);
  assert.equal(await sentAfter(200), true);
});

test("a question that the next key cancels is not sent", async () => {
  const cancel = new CancellationTokenSource();
  typed(500, 80, 80, 80, 80, 80);
  const asked = sentAfter(90, cancel);
  cancel.cancel();
  assert.equal(await asked, false);
});
