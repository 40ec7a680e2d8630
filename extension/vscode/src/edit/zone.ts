// How an inline edit looks: the lines that go marked in the editor, the new ones in a zone right below them.
// The document itself is not touched: it can be edited, saved and closed, and a server may die, with nothing half applied.

import * as vscode from "vscode";
import { compare } from "./lines";

const MOST_LINES = 120;
const COMMANDS = ["lanyard.edit.accept", "lanyard.edit.discard", "lanyard.edit.diff", "lanyard.edit.again"];
const GOES = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("diffEditor.removedLineBackground"),
  overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.deletedForeground"),
});
const NOTE = vscode.window.createTextEditorDecorationType({
  after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" },
});

export interface Shown {
  document: vscode.TextDocument;
  /** The old lines: the first and the one after the last. */
  first: number;
  last: number;
  lines: readonly string[];
  state: "coming" | "ready" | "failed";
  note: string;
}

export class Zone implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController("lanyard.edit", "Lanyard: Inline Edit");
  private thread: vscode.CommentThread | undefined;

  /** Show it, or show what has become of it. */
  show(shown: Shown): void {
    const { document, first, last } = shown;
    const below = new vscode.Position(Math.max(first, last - 1), 0);
    const old = linesOf(document, first, last);
    const { now, went } = compare(old, shown.lines, shown.state === "ready" ? "whole" : "coming");
    const gone = shown.lines.length > 0 ? went.map((at) => document.lineAt(first + at).range) : [];
    for (const editor of vscode.window.visibleTextEditors.filter((one) => one.document === document)) {
      editor.setDecorations(GOES, gone);
      const { end } = document.lineAt(below.line).range;
      editor.setDecorations(NOTE, [{ range: new vscode.Range(end, end), renderOptions: { after: { contentText: shown.note } } }]);
    }
    const body = new vscode.MarkdownString(bodyOf(shown, now, went.length), true);
    body.isTrusted = { enabledCommands: COMMANDS };
    const range = new vscode.Range(below, below);
    // Moved, not made anew: VS Code leaves a zone in the editor for good that is taken down while it is being drawn.
    if (this.thread?.uri.toString() !== document.uri.toString()) {
      this.drop();
      this.thread = this.controller.createCommentThread(document.uri, range, []);
      this.thread.canReply = false;
      // VS Code opens its panel of comments for one that is unresolved (package.json has the default).
      this.thread.state = vscode.CommentThreadState.Resolved;
      this.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    }
    if (this.thread.range?.start.line !== below.line) {
      this.thread.range = range;
    }
    this.thread.label = `Inline edit: ${shown.note}`;
    this.thread.contextValue = shown.state;
    this.thread.comments = [{ body, mode: vscode.CommentMode.Preview, author: { name: "Lanyard" } }];
  }

  /** Take it down. */
  hide(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      editor.setDecorations(GOES, []);
      editor.setDecorations(NOTE, []);
    }
    this.drop();
  }

  dispose(): void {
    this.hide();
    this.controller.dispose();
  }

  private drop(): void {
    this.thread?.dispose();
    this.thread = undefined;
  }
}

/** The lines of a document from one to another, without their ends. */
function linesOf(document: vscode.TextDocument, first: number, last: number): string[] {
  return Array.from({ length: Math.max(0, last - first) }, (_, at) => document.lineAt(first + at).text);
}

function bodyOf(shown: Shown, now: { text: string; came: boolean }[], went: number): string {
  // Markdown takes a lone \r for a line end too: what a model writes behind one must not leave the block of code.
  const listed = now.slice(0, MOST_LINES).map(({ text, came }) => `${came ? "+" : " "}${text.replaceAll("\r", "␍")}`);
  const runs = listed.flatMap((line) => line.match(/`+/g) ?? []);
  const ticks = "`".repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3));
  const rest = now.length > MOST_LINES ? `\n\n… ${now.length - MOST_LINES} more lines` : "";
  const code = now.length > 0 ? `${ticks}diff\n${listed.join("\n")}\n${ticks}${rest}\n\n` : "";
  const came = now.filter((line) => line.came).length;
  const link = (title: string, command: string): string => `[${title}](command:${command})`;
  const links = {
    coming: [link("Stop", "lanyard.edit.discard")],
    ready: [link("Accept", "lanyard.edit.accept"), link("Discard", "lanyard.edit.discard"), link("Show diff", "lanyard.edit.diff")],
    failed: [link("Ask again", "lanyard.edit.again"), link("Discard", "lanyard.edit.discard")],
  }[shown.state];
  const said = shown.state === "ready" ? `Lines: +${came} −${went}. ` : "";
  return `${code}${said}${links.join(" · ")}`;
}
