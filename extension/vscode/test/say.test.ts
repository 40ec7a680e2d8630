// What strangers wrote (a server on the network, a model, a file's name) is shown and not made a link of.

import MarkdownIt from "markdown-it";
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { showFleet } from "../src/fleet/tree";
import { Zone } from "../src/edit/zone";
import { attempt } from "../src/say";
import { EventEmitter, registered, shown, told, Uri } from "./vscode";

/** How VS Code finds links in a notification and in its status: src/vs/base/common/linkedText.ts. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const EVIL = "[Retry](command:workbench.action.quit)";

afterEach(() => {
  told.length = 0;
});

test("a failure is no link", async () => {
  await attempt(() => {
    throw new Error(EVIL);
  });
  assert.match(told[0] ?? "", /Retry/);
  assert.doesNotMatch(told[0] ?? "", LINK);
});

test("what a worker says of itself is no link", async () => {
  const worker = { name: EVIL, condition: "down", why: EVIL, models: [{ name: EVIL }] };
  const event = new EventEmitter<never>().event;
  const server = {
    current: { state: "idle", line: "" },
    onStart: event,
    onWord: event,
    onFleet: event,
    ask: () => Promise.resolve({ workers: [], tasks: [], problems: [], keys: [] }),
    execute: () => Promise.resolve({ worker }),
  };
  const fleet = showFleet(server as never);
  const run = (name: string, given: unknown): unknown => registered.get(name)?.(given as never);
  await run("lanyard.fleet.test", { is: "worker", worker });
  await run("lanyard.fleet.add", "http://box");
  worker.condition = "ready";
  await run("lanyard.fleet.test", { is: "worker", worker });
  await run("lanyard.fleet.add", "http://box");
  fleet.dispose();
  assert.equal(told.length, 4);
  told.forEach((line) => assert.doesNotMatch(line, LINK));
});

for (const [name, line] of [
  ["a line end of another sort", "x ` y\r````\r\r![i](https://a.example/?code) [Show diff](command:lanyard.edit.accept)\r"],
  ["ticks", "````\n![i](https://a.example/?code)"],
]) {
  test(`the lines of a model stay code in the zone: ${name}`, () => {
    const document = { uri: Uri.file("/a.py"), lineCount: 1, lineAt: () => ({ text: "old", range: { end: 0 } }) };
    const zone = new Zone();
    const lines = (line ?? "").split("\n");
    zone.show({ document: document as never, first: 0, last: 1, lines, state: "ready", note: "" });
    const drawn = new MarkdownIt().render(shown.at(-1) ?? "");
    assert.doesNotMatch(drawn, /<img/);
    assert.deepEqual([...drawn.matchAll(/href="([^"]+)"/g)].map((found) => found[1]), [
      "command:lanyard.edit.accept",
      "command:lanyard.edit.discard",
      "command:lanyard.edit.diff",
    ]);
    zone.dispose();
  });
}
