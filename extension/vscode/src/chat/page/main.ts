// The chat's page: draws what it is told, tells what is done. No network, no state of its own.

import MarkdownIt from "markdown-it";
import type { Turn } from "../../protocol";
import { type Chip, type Done, refused, type Shown } from "../messages";

interface Api {
  postMessage(message: Done): void;
  getState(): { draft?: string } | undefined;
  setState(state: { draft: string }): void;
}
declare function acquireVsCodeApi(): Api;

const api = acquireVsCodeApi();
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const log = element("log");
const text = element("text") as HTMLTextAreaElement;
const send = element("send") as HTMLButtonElement;
const stop = element("stop") as HTMLButtonElement;
const chips = element("chips");
const status = element("status");

// What a model writes is data: no HTML, and no image, which would be fetched.
const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false }).disable(["image"]);
markdown.renderer.rules.fence = (tokens, index) => block(tokens[index]?.content ?? "", tokens[index]?.info ?? "");
markdown.renderer.rules.code_block = (tokens, index) => block(tokens[index]?.content ?? "", "");

let refusal: HTMLElement | undefined;
let streaming: { turn: HTMLElement; said: HTMLElement; content: string } | undefined;
let drawing = false;

function block(code: string, info: string): string {
  const escape = markdown.utils.escapeHtml;
  const language = escape(info.trim().split(/\s+/)[0] ?? "");
  const button = (done: string, label: string): string =>
    `<button type="button" data-do="${done}" aria-label="${label} this code">${label}</button>`;
  return (
    `<div class="block"><div class="bar"><span class="lang">${language}</span>` +
    `${button("insert", "Insert")}${button("copy", "Copy")}${button("diff", "Apply as diff")}</div>` +
    `<pre tabindex="0"><code>${escape(code)}</code></pre></div>`
  );
}

function drawn(turn: Turn): { turn: HTMLElement; said: HTMLElement } {
  const article = document.createElement("article");
  article.className = `turn ${turn.role}`;
  const who = document.createElement("p");
  who.className = "who";
  who.textContent = turn.role === "user" ? "You" : "Lanyard";
  const said = document.createElement("div");
  said.className = "said";
  said.innerHTML = markdown.render(turn.content);
  article.append(who, said);
  log.append(article);
  return { turn: article, said };
}

function line(content: string, kind: "note" | "failed"): HTMLElement {
  const note = document.createElement("p");
  note.className = kind;
  note.textContent = content;
  log.append(note);
  return note;
}

/** Follows the answer only where the reader is at its end. */
function atEnd(change: () => void): void {
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  change();
  if (near) {
    log.scrollTop = log.scrollHeight;
  }
}

function busy(is: boolean): void {
  stop.hidden = !is;
  send.disabled = is;
  log.setAttribute("aria-busy", String(is));
}

function drawChips(given: Chip[]): void {
  chips.replaceChildren(
    ...given.map((chip, index) => {
      const item = document.createElement("li");
      const label = document.createElement("span");
      label.textContent = `${chip.label} · ${chip.tokens} tokens`;
      item.title = chip.title;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.textContent = "×";
      drop.setAttribute("aria-label", `Take ${chip.label} out`);
      drop.addEventListener("click", () => api.postMessage({ is: "drop", index }));
      item.append(label, drop);
      return item;
    }),
  );
}

function shown(message: Shown): void {
  switch (message.is) {
    case "state":
      log.replaceChildren();
      streaming = undefined;
      message.turns.forEach((turn, index) => {
        const made = drawn(turn);
        if (message.busy && index === message.turns.length - 1 && turn.role === "assistant") {
          streaming = { ...made, content: turn.content };
        }
      });
      if (message.turns.length === 0) {
        const empty = document.createElement("p");
        empty.className = "empty";
        empty.textContent = "Ask the models on your own network. Nothing leaves it.";
        log.append(empty);
      }
      if (message.note) {
        line(message.note.line, message.note.kind);
      }
      drawChips(message.chips);
      status.textContent = message.status;
      busy(message.busy);
      log.scrollTop = log.scrollHeight;
      document.body.dataset["ready"] = "yes";
      break;
    case "part":
      streaming ??= { ...drawn({ role: "assistant", content: "" }), content: "" };
      streaming.content += message.text;
      redraw();
      break;
    case "end":
      atEnd(() => {
        streaming?.turn.remove();
        streaming = undefined;
        drawn(message.turn);
        line(message.note, "note");
      });
      busy(false);
      break;
    case "failed":
      atEnd(() => {
        drawLatest();
        line(message.line, "failed");
      });
      streaming = undefined;
      busy(false);
      break;
    case "chips":
      drawChips(message.chips);
      break;
    case "status":
      status.textContent = message.status;
      break;
    case "focus":
      text.focus();
      break;
  }
}

/** Once a frame, however fast the pieces come. */
function redraw(): void {
  if (drawing) {
    return;
  }
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    atEnd(drawLatest);
  });
}

function drawLatest(): void {
  if (streaming) {
    streaming.said.innerHTML = markdown.render(streaming.content);
  }
}

function submit(): void {
  const question = text.value.trim();
  if (question && !send.disabled) {
    refusal?.remove();
    const why = refused(question);
    if (why) {
      refusal = line(why, "failed");
      log.scrollTop = log.scrollHeight;
      return;
    }
    busy(true); // until the answer to it: what is sent meanwhile would be lost
    api.postMessage({ is: "send", text: question });
    text.value = "";
    api.setState({ draft: "" });
  }
}

window.addEventListener("message", (event: MessageEvent<Shown>) => shown(event.data));
element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && !stop.hidden) {
    api.postMessage({ is: "stop" });
  }
});
text.addEventListener("input", () => api.setState({ draft: text.value }));
stop.addEventListener("click", () => api.postMessage({ is: "stop" }));
element("attach").addEventListener("click", () => api.postMessage({ is: "attach" }));
log.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[data-do]");
  const code = button?.closest(".block")?.querySelector("code")?.textContent;
  if (button && code !== undefined) {
    api.postMessage({ is: button.dataset["do"] as "insert" | "copy" | "diff", code });
  }
});
// What was typed before this file had come stays.
text.value ||= api.getState()?.draft ?? "";
api.postMessage({ is: "ready" });
