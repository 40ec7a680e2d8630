// The chat's page, with as little of a document as it uses: what is drawn, and when.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import type { Done, Shown } from "../src/chat/messages";

class Node {
  readonly dataset: Record<string, string> = {};
  readonly listeners = new Map<string, (event: unknown) => void>();
  children: Node[] = [];
  parent: Node | undefined;
  className = "";
  textContent = "";
  innerHTML = "";
  value = "";
  hidden = false;
  disabled = false;
  scrollHeight = 0;
  scrollTop = 0;
  clientHeight = 0;

  append(...more: Node[]): void {
    for (const one of more) {
      one.parent = this;
      this.children.push(one);
    }
  }

  replaceChildren(...only: Node[]): void {
    this.children = [];
    this.append(...only);
  }

  remove(): void {
    if (this.parent) {
      this.parent.children = this.parent.children.filter((one) => one !== this);
    }
  }

  setAttribute(): void {
    // Nothing here reads it.
  }

  addEventListener(name: string, listener: (event: unknown) => void): void {
    this.listeners.set(name, listener);
  }

  get said(): string {
    return [this.innerHTML, this.textContent, ...this.children.map((one) => one.said)].join(" ");
  }
}

const elements = new Map<string, Node>();
const page = new Node();
let frames: (() => void)[] = [];
const posted: Done[] = [];
const box = (): Node => elements.get("text") ?? new Node();
const submit = (): void => elements.get("form")?.listeners.get("submit")?.({ preventDefault: () => undefined });
const log = (): string => elements.get("log")?.said ?? "";
const tell = (data: Shown): void => page.listeners.get("message")?.({ data });

before(async () => {
  const element = (id: string): Node => elements.get(id) ?? elements.set(id, new Node()).get(id) ?? new Node();
  Object.assign(globalThis, {
    document: { getElementById: element, createElement: () => new Node(), body: new Node() },
    window: page,
    requestAnimationFrame: (run: () => void) => frames.push(run),
    acquireVsCodeApi: () => ({ postMessage: (message: Done) => posted.push(message), getState: () => undefined, setState: () => undefined }),
  });
  await import("../src/chat/page/main");
});

beforeEach(() => {
  frames = [];
  tell({ is: "state", turns: [{ role: "user", content: "why?" }], chips: [], busy: true, status: "" });
});

test("what came in the last moment before an end without an answer is drawn", () => {
  tell({ is: "part", text: "half " });
  tell({ is: "part", text: "of it" });
  tell({ is: "failed", line: "Stopped." });
  frames.forEach((draw) => draw());
  assert.match(log(), /half of it/);
  assert.match(log(), /Stopped\./);
});

test("the line about the last answer is drawn with the conversation", () => {
  const note = { kind: "failed", line: "ask once more" } as const;
  tell({ is: "state", turns: [{ role: "user", content: "why?" }], chips: [], busy: false, status: "", note });
  assert.match(log(), /why\?.*ask once more/s);
});

test("what a model writes is no HTML, no image and no command", () => {
  const content = "<script>x</script> ![i](https://a.example/i.png) [c](javascript:x) ```\n</code><b>";
  tell({ is: "state", turns: [{ role: "assistant", content }], chips: [], busy: false, status: "" });
  assert.doesNotMatch(log(), /<script|<img|<b>|href="javascript/);
});

test("a question that is too long stays in the box, and one line says what to do", () => {
  tell({ is: "state", turns: [], chips: [], busy: false, status: "" });
  posted.length = 0;
  box().value = "x".repeat(400_001);
  submit();
  submit();
  assert.deepEqual(posted, []);
  assert.equal(box().value.length, 400_001);
  assert.equal(log().match(/400,000 go at once: shorten it/g)?.length, 1);
  box().value = "short";
  submit();
  assert.deepEqual(posted, [{ is: "send", text: "short" }]);
  assert.doesNotMatch(log(), /at once/);
});

test("what is sent before the first question has come is not lost: it stays in the box", () => {
  tell({ is: "state", turns: [], chips: [], busy: false, status: "" });
  posted.length = 0;
  box().value = "one";
  submit();
  box().value = "two";
  submit();
  assert.deepEqual(posted, [{ is: "send", text: "one" }]);
  assert.equal(box().value, "two");
});
