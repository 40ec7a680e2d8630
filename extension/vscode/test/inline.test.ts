// An inline edit on its way into the document: what is shown of it, whatever becomes of it.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { InlineEdits } from "../src/edit/inline";
import { changed, edits, registered, shown, told, Uri, window, zones } from "./vscode";

class Document {
  readonly uri = Uri.file("/w/a.py");
  version = 1;
  private text = "one\ntwo\n";

  /** Someone types a line of three letters at the top. */
  type(line: string): void {
    this.text = `${line}\n${this.text}`;
    this.version++;
    changed.fire({ document: this, contentChanges: [{ rangeOffset: 0, rangeLength: 0, text: `${line}\n` }] });
  }

  get lineCount(): number {
    return this.text.split("\n").length;
  }

  getText(): string {
    return this.text;
  }

  offsetAt({ line, character }: { line: number; character: number }): number {
    return line * 4 + character;
  }

  positionAt(offset: number): { line: number; character: number } {
    const line = Math.floor(offset / 4);
    return { line, character: offset - line * 4 };
  }

  lineAt(line: number): object {
    const end = { line, character: 3 };
    return { text: this.text.split("\n")[line], range: { start: { line, character: 0 }, end } };
  }
}

interface Part {
  text?: string;
  range?: object;
}

let inline: InlineEdits;
let document: Document;
let part: (told: Part) => void;
const server = {
  uriOf: (uri: Uri) => uri.toString(),
  stream: (_: string, __: object, take: (told: Part) => void) => {
    part = take;
    return new Promise(() => undefined);
  },
};
const run = (name: string): Promise<void> => Promise.resolve(registered.get(name)?.()) as Promise<void>;
const zoneAt = (): number | undefined => ([...zones] as { range: { start: { line: number } } }[])[0]?.range.start.line;
const settle = (): Promise<void> => new Promise(setImmediate);

beforeEach(async () => {
  inline = new InlineEdits(server as never);
  document = new Document();
  [edits.length, told.length, shown.length] = [0, 0, 0];
  const selection = { isEmpty: false, start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
  const marks = (): void => undefined;
  window.activeTextEditor = { document, selection, setDecorations: marks };
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

test("what is to be replaced is shown where it stands by now, whatever was typed while it was asked for", async () => {
  void registered.get("lanyard.edit")?.("make it shorter" as never);
  await settle();
  document.type("top");
  part({ range: { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } } });
  part({ text: "zwei\n" });
  assert.equal(zoneAt(), 2);
});

test("a zone moves with its lines and is not made anew", () => {
  const [before] = [...zones];
  document.type("top");
  assert.equal(zoneAt(), 1);
  assert.equal([...zones][0], before);
});
