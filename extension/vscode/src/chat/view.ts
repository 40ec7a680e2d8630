// The chat in the side bar: keeps the conversation, asks the server, tells the page.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { documents } from "../documents";
import type { InlineEdits } from "../edit/inline";
import { editorForCode } from "../edit/target";
import type { ChatAnswer, ContextItem, Turn } from "../protocol";
import { attempt, lineOf } from "../say";
import type { Server } from "../server/server";
import { History, titleOf, type Chat } from "./history";
import { mentioned } from "./mentions";
import { type Chip, type Done, type Note, refused, type Shown } from "./messages";

interface Attached {
  item: ContextItem;
  chip: Chip;
}

/** As many files and selections go with one question. */
const MOST_CONTEXT = 20;
const CUT_SHORT = "*(cut short here: the window was closed)*";
const SKIPPED = "**/{node_modules,.git,.venv,__pycache__,dist,target}/**";

export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private readonly history: History;
  private chat: Chat;
  private attached: Attached[] = [];
  private running: vscode.CancellationTokenSource | undefined;
  /** The chat that an answer is for; another one may be shown meanwhile. */
  private answering: Chat | undefined;
  private partial = "";
  /** What was said of a chat's last answer: the view may be hidden when it ends. */
  private noted: { chat: Chat; note: Note } | undefined;
  /** A question waits for the server. */
  private waiting = false;
  private left = false;
  private readonly own: vscode.Disposable;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly server: Server,
    private readonly edits: InlineEdits,
  ) {
    this.history = new History(context.storageUri ?? context.globalStorageUri, (line) => {
      void vscode.window.showWarningMessage(line);
    });
    this.chat = this.history.fresh();
    void this.goOn();
    this.own = vscode.Disposable.from(
      vscode.window.registerWebviewViewProvider("lanyard.chat", this),
      vscode.commands.registerCommand("lanyard.chat.fresh", () => this.switchTo(this.history.fresh())),
      vscode.commands.registerCommand("lanyard.chat.history", () => attempt(() => this.pick())),
      vscode.commands.registerCommand("lanyard.chat.addSelection", () => attempt(() => this.addSelection())),
      server.onWord(() => this.tell({ is: "status", status: this.status() })),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    const { webview } = view;
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.context.extensionUri, "dist")] };
    webview.html = this.page(webview);
    view.onDidDispose(() => {
      if (this.view === view) {
        this.view = undefined;
      }
    });
    webview.onDidReceiveMessage((done: Done) => void attempt(() => this.heard(done)));
  }

  /**
   * The window closes or is loaded anew: of an answer in its middle what has come stays, and says that it is a part.
   * Looks before it waits: the view is disposed of meanwhile.
   */
  async leave(): Promise<void> {
    const chat = this.answering;
    if (!chat || !this.partial) {
      await this.history.all(); // what is being kept
    } else {
      this.left = true;
      const inCode = (this.partial.match(/^ {0,3}```/gm) ?? []).length % 2 === 1;
      const content = `${this.partial}${inCode ? "\n```" : ""}\n\n${CUT_SHORT}`;
      const turns: Turn[] = [...chat.turns, { role: "assistant", content }];
      await this.history.keep({ ...chat, turns });
    }
  }

  dispose(): void {
    this.running?.cancel();
    this.own.dispose();
  }

  private async heard(done: Done): Promise<void> {
    switch (done.is) {
      case "ready":
        this.show();
        break;
      case "send":
        await this.send(done.text);
        break;
      case "stop":
        this.running?.cancel();
        break;
      case "copy":
        await vscode.env.clipboard.writeText(done.code);
        break;
      case "insert":
        await this.insert(done.code);
        break;
      case "diff":
        await this.edits.propose(done.code, "from the chat");
        break;
      case "drop":
        this.attached.splice(done.index, 1);
        this.tell({ is: "chips", chips: this.chips() });
        break;
      case "attach":
        await this.attachFile();
        break;
    }
  }

  private async send(text: string): Promise<void> {
    if (this.running || !text.trim()) {
      this.show();
      return;
    }
    const why = refused(text);
    if (why) {
      this.show();
      throw new Error(why);
    }
    const chat = this.chat;
    const cancel = (this.running = new vscode.CancellationTokenSource());
    this.answering = chat;
    const tell = (shown: Shown): void => {
      if (this.chat === chat) {
        this.tell(shown);
      }
    };
    chat.turns.push({ role: "user", content: text });
    this.partial = "";
    this.noted = undefined;
    this.show();
    // A window that closes in the middle keeps the question.
    void this.history.keep(chat);
    try {
      await this.until(cancel.token);
      const named = await mentioned(text, (uri) => this.server.uriOf(uri));
      const all = [...this.attached.map((one) => one.item), ...named];
      const context = all.slice(0, MOST_CONTEXT);
      const answer = await this.server.stream<ChatAnswer>(
        "lanyard/chat",
        { messages: chat.turns, context },
        (part) => {
          this.partial += part.text ?? "";
          tell({ is: "part", text: part.text ?? "" });
        },
        cancel.token,
      );
      if (this.left) {
        return;
      }
      chat.turns.push(answer.message);
      this.partial = "";
      const speed = answer.usage.tokensPerS ? `, ${Math.round(answer.usage.tokensPerS)} tokens/s` : "";
      const cut = answer.finish === "length" ? ", cut at its length limit" : "";
      const left = all.length > MOST_CONTEXT ? [`only the first ${MOST_CONTEXT} of ${all.length} files were sent`] : [];
      const note = [`${answer.model} at ${answer.worker}${speed}${cut}`, ...answer.problems, ...left].join("\n");
      this.noted = { chat, note: { kind: "note", line: note } };
      await this.history.keep(chat); // before it is said to have ended: a window may close at that word
      tell({ is: "end", turn: answer.message, note });
    } catch (error) {
      if (this.left) {
        return;
      }
      // Nothing that was said is lost: what has come so far stays, the question too.
      if (this.partial) {
        chat.turns.push({ role: "assistant", content: this.partial });
        this.partial = "";
      }
      await this.history.keep(chat);
      const line = cancel.token.isCancellationRequested ? "Stopped." : lineOf(error);
      this.noted = { chat, note: { kind: "failed", line } };
      tell({ is: "failed", line });
    } finally {
      this.running = this.answering = undefined;
      cancel.dispose();
      this.partial = "";
      if (this.chat !== chat) {
        this.show();
      }
    }
  }

  /** Wait for a server that starts; the status says that the question is kept. */
  private async until(cancel: vscode.CancellationToken): Promise<void> {
    this.waiting = !this.server.running;
    try {
      if (this.waiting) {
        this.tell({ is: "status", status: this.status() });
        await this.server.there(cancel);
      }
    } finally {
      this.waiting = false;
      this.tell({ is: "status", status: this.status() });
    }
  }

  private status(): string {
    const { state, line } = this.server.current;
    const kept = this.waiting ? "; then your question is asked" : "";
    return state === "idle" || state === "thinking" ? "" : `${line}${kept}`;
  }

  /** Show the last chat, where no other was begun meanwhile. */
  private async goOn(): Promise<void> {
    const first = this.chat;
    const last = (await this.history.all())[0];
    if (last && this.chat === first && first.turns.length === 0) {
      this.chat = last;
      this.show();
    }
  }

  private switchTo(chat: Chat): void {
    this.running?.cancel();
    this.chat = chat;
    this.attached = [];
    this.show();
    this.tell({ is: "focus" });
    void vscode.commands.executeCommand("lanyard.chat.focus");
  }

  private async pick(): Promise<void> {
    const chats = await this.history.all();
    const chosen = await vscode.window.showQuickPick(
      chats.map((chat) => ({
        label: titleOf(chat),
        description: new Date(chat.at).toLocaleString(),
        chat,
      })),
      { title: "Chats of this workspace", placeHolder: "none yet" },
    );
    if (chosen) {
      this.switchTo(chosen.chat);
    }
  }

  private async addSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      throw new Error("Open a file first.");
    }
    const { selection, document } = editor;
    const range = selection.isEmpty ? undefined : { start: selection.start, end: selection.end };
    await this.attach({ uri: this.server.uriOf(document.uri), ...(range ? { range } : {}) });
    await vscode.commands.executeCommand("lanyard.chat.focus");
    this.tell({ is: "focus" });
  }

  private async attachFile(): Promise<void> {
    // What is open can be sent wherever it is; elsewhere than on a disk a search may wait for ever for one who searches.
    const open = vscode.workspace.textDocuments.filter((one) => vscode.languages.match(documents(), one) > 0);
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    const found = await Promise.all(folders.map((folder) => vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*"), SKIPPED, 2000)));
    const files = new Map([...open.map((one) => one.uri), ...found.flat()].map((uri) => [uri.toString(), uri]));
    const chosen = await vscode.window.showQuickPick(
      [...files.values()].map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
      { title: "A file as context" },
    );
    if (chosen) {
      await this.attach({ uri: this.server.uriOf(chosen.uri) });
    }
  }

  private async attach(item: ContextItem): Promise<void> {
    const attached = this.attached;
    const sizes = await this.server.ask<{ items: { label: string; tokens: number; problem: string }[] }>(
      "lanyard/contextSize",
      { items: [item] },
    );
    const size = sizes.items[0];
    if (!size || size.problem) {
      throw new Error(size?.problem ?? "This cannot be sent.");
    }
    if (attached !== this.attached) {
      return; // another chat was begun meanwhile
    }
    attached.push({ item, chip: { label: size.label, tokens: size.tokens, title: vscode.Uri.parse(item.uri).path } });
    this.tell({ is: "chips", chips: this.chips() });
  }

  private chips(): Chip[] {
    return this.attached.map((one) => one.chip);
  }

  private async insert(code: string): Promise<void> {
    const editor = editorForCode();
    if (!(await editor.edit((edit) => edit.replace(editor.selection, code)))) {
      throw new Error("The editor did not take the code: the file is read-only, or was edited at this moment.");
    }
  }

  private show(): void {
    const partial = this.answering === this.chat ? this.partial : "";
    const turns = partial ? [...this.chat.turns, { role: "assistant" as const, content: partial }] : this.chat.turns;
    const said = this.noted?.chat === this.chat ? { note: this.noted.note } : {};
    const busy = this.running !== undefined;
    this.tell({ is: "state", turns, chips: this.chips(), busy, status: this.status(), ...said });
  }

  private tell(shown: Shown): void {
    void this.view?.webview.postMessage(shown);
  }

  private page(webview: vscode.Webview): string {
    const nonce = randomBytes(16).toString("base64");
    const uri = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.context.extensionUri, "dist", name)).toString();
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${STYLE}</style>
<title>Lanyard chat</title>
</head>
<body>
<main id="log" role="log" aria-live="polite" aria-label="Conversation" tabindex="0"></main>
<p id="status" role="status"></p>
<form id="form">
<ul id="chips" aria-label="Context of the question"></ul>
<textarea id="text" rows="3" aria-label="Question" placeholder="Ask about your code. @path adds a file. Enter sends, Shift+Enter starts a line."></textarea>
<div class="row">
<button type="button" id="attach" aria-label="Add a file as context">@ Add file</button>
<span class="space"></span>
<button type="button" id="stop" hidden>Stop</button>
<button type="submit" id="send" class="primary">Send</button>
</div>
</form>
<script nonce="${nonce}" src="${uri("chat.js")}"></script>
</body>
</html>`;
  }
}

const STYLE = `
*{box-sizing:border-box}
html,body{height:100%}
body{margin:0;padding:0;display:flex;flex-direction:column;color:var(--vscode-foreground);font-family:var(--vscode-font-family);font-size:var(--vscode-font-size);line-height:1.45}
#log{flex:1;overflow-y:auto;padding:8px 12px;outline-offset:-1px}
.turn{margin:0 0 14px;overflow-wrap:anywhere}
.who{font-weight:600;margin:0 0 2px;color:var(--vscode-descriptionForeground)}
.user .said{background:var(--vscode-textBlockQuote-background);border:1px solid var(--vscode-contrastBorder,transparent);border-radius:4px;padding:6px 8px}
.said p{margin:0 0 8px}.said p:last-child{margin:0}
.said ul,.said ol{padding-left:20px;margin:0 0 8px}
.said h1,.said h2,.said h3{font-size:1.05em;margin:10px 0 4px}
.said table{border-collapse:collapse}.said td,.said th{border:1px solid var(--vscode-panel-border);padding:2px 6px}
code{font-family:var(--vscode-editor-font-family);font-size:var(--vscode-editor-font-size)}
.block{margin:6px 0;border:1px solid var(--vscode-panel-border);border-radius:4px;background:var(--vscode-textCodeBlock-background)}
.block pre{margin:0;padding:8px;overflow-x:auto}
.block pre code{background:none;padding:0}
.bar{display:flex;flex-wrap:wrap;gap:2px;align-items:center;padding:1px 2px;border-bottom:1px solid var(--vscode-panel-border)}
.bar .lang{flex:1 1 3em;min-width:3em;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;color:var(--vscode-descriptionForeground);padding:2px 6px;font-size:.9em}
.bar button{background:none;border-color:transparent;color:var(--vscode-textLink-foreground);padding:1px 6px;font-size:.9em;white-space:nowrap}
.bar button:hover{background:var(--vscode-toolbar-hoverBackground)}
.note{color:var(--vscode-descriptionForeground);font-size:.92em;white-space:pre-line}
.failed{color:var(--vscode-errorForeground)}
#status{margin:0;padding:0 12px;color:var(--vscode-descriptionForeground);font-size:.92em}
form{padding:8px 12px 10px;border-top:1px solid var(--vscode-panel-border)}
textarea{width:100%;resize:vertical;color:var(--vscode-input-foreground);background:var(--vscode-input-background);border:1px solid var(--vscode-input-border,var(--vscode-contrastBorder,transparent));border-radius:2px;padding:5px;font:inherit}
textarea:focus,button:focus-visible,#log:focus-visible{outline:1px solid var(--vscode-focusBorder)}
.row{display:flex;gap:6px;margin-top:6px;flex-wrap:wrap}.space{flex:1}
button{color:var(--vscode-button-secondaryForeground);background:var(--vscode-button-secondaryBackground);border:1px solid var(--vscode-button-border,var(--vscode-contrastBorder,transparent));border-radius:2px;padding:3px 9px;font:inherit;cursor:pointer}
button.primary{color:var(--vscode-button-foreground);background:var(--vscode-button-background)}
button:hover{background:var(--vscode-button-secondaryHoverBackground)}button.primary:hover{background:var(--vscode-button-hoverBackground)}
button[disabled]{opacity:.5;cursor:default}
@media (max-width:260px){textarea{min-height:92px}}
#chips{list-style:none;display:flex;gap:4px;flex-wrap:wrap;margin:0 0 6px;padding:0}#chips:empty{display:none}
#chips li{display:flex;align-items:center;gap:4px;background:var(--vscode-badge-background);color:var(--vscode-badge-foreground);border:1px solid var(--vscode-contrastBorder,transparent);border-radius:10px;padding:1px 4px 1px 8px;max-width:100%}
#chips button{background:none;border:none;color:inherit;padding:0 4px}
.empty{color:var(--vscode-descriptionForeground)}
`;
