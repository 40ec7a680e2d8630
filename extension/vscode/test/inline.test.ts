// An inline edit on its way into the document: what is shown of it, whatever becomes of it.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { InlineEdits } from "../src/edit/inline";
import { edits, registered, shown, told, Uri, window, zones } from "./vscode";

class Document {
  readonly uri = Uri.file("/w/a.py");
  readonly version = 1;
  readonly lineCount = 3;
  private readonly text = "one\ntwo\n";

  getText(): string {
    return this.text;
  }

  offsetAt({ line, character }: { line: number; character: number }): number {
    return [0, 4, 8][line] ?? 8 + character;
  }

  positionAt(offset: number): { line: number; character: number } {
    const line = Math.min(2, Math.floor(offset / 4));
    return { line, character: offset - line * 4 };
  }

  lineAt(line: number): object {
    const end = { line, character: 3 };
    return { text: ["one", "two", ""][line], range: { start: { line, character: 0 }, end } };
  }
}

let inline: InlineEdits;
const run = (name: string): Promise<void> => Promise.resolve(registered.get(name)?.()) as Promise<void>;
const settle = (): Promise<void> => new Promise(setImmediate);

beforeEach(async () => {
  inline = new InlineEdits({} as never);
  [edits.length, told.length, shown.length] = [0, 0, 0];
  const selection = { isEmpty: false, start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
  const marks = (): void => undefined;
  window.activeTextEditor = { document: new Document(), selection, setDecorations: marks };
  await inline.propose("uno", "from the chat");
});

afterEach(() => {
  inline.dispose();
  window.activeTextEditor = undefined;
});

for (const [how, end] of [
  ["refuses", () => edits[0]?.resolve(false)],
  ["fails at", () => edits[0]?.reject(new Error("the document is closed"))],
] as const) {
  test(`an edit that the editor ${how} stays, and can be accepted once more`, async () => {
    void run("lanyard.edit.accept");
    await settle();
    end();
    await settle();
    assert.match(told[0] ?? "", /refused the edit; try once more/);
    assert.equal(zones.size, 1);
    void run("lanyard.edit.accept");
    await settle();
    assert.equal(edits.length, 2);
    edits[1]?.resolve(true);
    await settle();
    assert.equal(zones.size, 0);
  });
}

test("two clicks on Accept edit once", async () => {
  void run("lanyard.edit.accept");
  void run("lanyard.edit.accept");
  await settle();
  assert.equal(edits.length, 1);
});

test("an edit that is begun while another goes into the document stays", async () => {
  void run("lanyard.edit.accept");
  await settle();
  await inline.propose("eins", "from the chat");
  edits[0]?.resolve(true);
  await settle();
  assert.equal(zones.size, 1);
  assert.match(shown.at(-1) ?? "", /eins/);
  void run("lanyard.edit.accept");
  await settle();
  assert.equal(edits.length, 2);
});

test("nothing of an edit stays after Accept or Discard", async () => {
  await run("lanyard.edit.discard");
  assert.equal(zones.size, 0);
  await inline.propose("eins", "from the chat");
  void run("lanyard.edit.accept");
  await settle();
  edits[0]?.resolve(true);
  await settle();
  assert.equal(zones.size, 0);
});
