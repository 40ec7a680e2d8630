// Inline edit: an instruction at a selection, the new lines streamed below the old ones, accept or discard.

import * as vscode from "vscode";
import type { InlineEdit } from "../protocol";
import { attempt, lineOf } from "../say";
import type { Server } from "../server/server";

interface Open {
  editor: vscode.TextEditor;
  document: vscode.TextDocument;
  range: vscode.Range;
  lines: string[];
  cancel: vscode.CancellationTokenSource;
  result?: InlineEdit;
  note: string;
}

const OLD = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("diffEditor.removedLineBackground"),
});
const NOTE = vscode.window.createTextEditorDecorationType({
  after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" },
});

/** One edit at a time: asking again discards the one before. */
export class InlineEdits implements vscode.Disposable, vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private open: Open | undefined;
  private readonly previews = new vscode.EventEmitter<vscode.Uri>();
  private readonly lenses = new vscode.EventEmitter<void>();
  readonly onDidChange = this.previews.event;
  readonly onDidChangeCodeLenses = this.lenses.event;
  private readonly own: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.own = vscode.Disposable.from(
      vscode.commands.registerCommand("lanyard.edit", (instruction?: unknown) =>
        attempt(() => this.start(typeof instruction === "string" ? instruction : undefined)),
      ),
      vscode.commands.registerCommand("lanyard.edit.accept", () => attempt(() => this.accept())),
      vscode.commands.registerCommand("lanyard.edit.discard", () => this.discard()),
      vscode.commands.registerCommand("lanyard.edit.diff", () => attempt(() => this.diff())),
      vscode.workspace.registerTextDocumentContentProvider("lanyard-edit", this),
      vscode.languages.registerCodeLensProvider([{ scheme: "file" }, { scheme: "untitled" }], this),
      vscode.workspace.onDidCloseTextDocument((closed) => {
        if (this.open?.document === closed) {
          this.discard();
        }
      }),
    );
  }

  /** The text as it will be: what has streamed so far in the place of the old lines. */
  provideTextDocumentContent(): string {
    const open = this.open;
    if (!open) {
      return "";
    }
    if (open.result) {
      return applied(open.document, open.result.edits);
    }
    const all = open.document.getText().split(/\r?\n/);
    return [...all.slice(0, open.range.start.line), ...open.lines, ...all.slice(open.range.end.line + 1)].join("\n");
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const open = this.open;
    if (open?.document !== document) {
      return [];
    }
    const at = new vscode.Range(open.range.start, open.range.start);
    const lens = (title: string, command: string): vscode.CodeLens => new vscode.CodeLens(at, { title, command });
    return open.result
      ? [
          lens(`$(check) Accept (${open.note})`, "lanyard.edit.accept"),
          lens("$(close) Discard", "lanyard.edit.discard"),
          lens("$(diff) Diff", "lanyard.edit.diff"),
        ]
      : [lens(`$(sync~spin) ${open.note}`, "lanyard.edit.diff"), lens("$(close) Stop", "lanyard.edit.discard")];
  }

  /** Offer code from elsewhere, a chat's, in the place of the selection, with the same accept and discard. */
  async propose(code: string, from: string): Promise<void> {
    const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
    if (!editor || editor.document.uri.scheme === "output") {
      throw new Error("Open the file that the code is for, and select what it replaces.");
    }
    this.discard();
    const { document, selection } = editor;
    const text = selection.isEmpty || code.endsWith("\n") ? code : `${code}\n`;
    const whole = selection.isEmpty
      ? selection
      : new vscode.Range(selection.start.line, 0, selection.end.line, document.lineAt(selection.end.line).text.length);
    this.open = {
      editor,
      document,
      range: new vscode.Range(whole.start.line, 0, whole.end.line, 0),
      lines: code.split("\n"),
      cancel: new vscode.CancellationTokenSource(),
      note: from,
      result: {
        uri: document.uri.toString(),
        version: document.version,
        edits: [{ range: whole, newText: selection.isEmpty ? text : text.replace(/\n$/, "") }],
        checks: [],
        problems: [],
        worker: "",
        model: "",
      },
    };
    this.draw();
    await this.diff();
  }

  dispose(): void {
    this.discard();
    this.own.dispose();
  }

  private async start(given?: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      throw new Error("Open a file and select the lines to change first.");
    }
    const instruction =
      given ??
      (await vscode.window.showInputBox({
        title: "Edit Inline",
        prompt: "What to change in the selected lines",
        placeHolder: "use a generator; rename total to sum; handle None",
      }));
    if (!instruction?.trim()) {
      return;
    }
    this.discard();
    const { document, selection } = editor;
    const range = new vscode.Range(selection.start.line, 0, selection.end.line, 0);
    const open: Open = {
      editor,
      document,
      range,
      lines: [],
      cancel: new vscode.CancellationTokenSource(),
      note: "asking",
    };
    this.open = open;
    this.draw();
    try {
      const result = await this.server.stream<InlineEdit>(
        "lanyard/edit",
        {
          textDocument: { uri: this.server.uriOf(document.uri) },
          range: { start: selection.start, end: selection.end },
          instruction,
        },
        (part) => this.take(open, part.text ?? ""),
        open.cancel.token,
      );
      if (this.open !== open) {
        return;
      }
      open.result = result;
      open.note = `${result.checks.join(", ")}, by ${result.worker}`;
      this.draw();
    } catch (error) {
      if (this.open === open) {
        this.discard();
        throw new Error(lineOf(error));
      }
    }
  }

  private take(open: Open, text: string): void {
    if (this.open === open && text) {
      const first = open.lines.length === 0;
      open.lines.push(...text.replace(/\n$/, "").split("\n"));
      if (first) {
        void attempt(() => this.diff());
      }
      open.note = `${open.lines.length} lines so far`;
      this.draw();
    }
  }

  private async accept(): Promise<void> {
    const open = this.open;
    if (!open?.result) {
      return;
    }
    if (open.document.version !== open.result.version) {
      this.discard();
      throw new Error("The text was edited meanwhile; ask again.");
    }
    const edit = new vscode.WorkspaceEdit();
    for (const one of open.result.edits) {
      const { start, end } = one.range;
      edit.replace(
        open.document.uri,
        new vscode.Range(start.line, start.character, end.line, end.character),
        one.newText,
      );
    }
    const problems = open.result.problems;
    this.discard();
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new Error("The editor refused the edit; ask again.");
    }
    if (problems.length > 0) {
      void vscode.window.showWarningMessage(problems.join("; "));
    }
  }

  private discard(): void {
    const open = this.open;
    if (!open) {
      return;
    }
    this.open = undefined;
    open.cancel.cancel();
    open.cancel.dispose();
    open.editor.setDecorations(OLD, []);
    open.editor.setDecorations(NOTE, []);
    this.contexts();
    this.lenses.fire();
    for (const group of vscode.window.tabGroups.all) {
      for (const tab of group.tabs) {
        if (tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === "lanyard-edit") {
          void vscode.window.tabGroups.close(tab);
        }
      }
    }
  }

  private async diff(): Promise<void> {
    const open = this.open;
    if (!open) {
      return;
    }
    const name = open.document.uri.path.split("/").at(-1) ?? "file";
    const uri = vscode.Uri.from({ scheme: "lanyard-edit", path: `/${name}` });
    this.previews.fire(uri);
    await vscode.commands.executeCommand("vscode.diff", open.document.uri, uri, `${name} (inline edit)`, {
      preview: true,
      preserveFocus: true,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  private draw(): void {
    const open = this.open;
    if (!open) {
      return;
    }
    open.editor.setDecorations(OLD, [open.range]);
    const end = open.document.lineAt(open.range.end.line).range.end;
    open.editor.setDecorations(NOTE, [
      { range: new vscode.Range(end, end), renderOptions: { after: { contentText: open.note } } },
    ]);
    this.contexts();
    this.lenses.fire();
    this.previews.fire(
      vscode.Uri.from({ scheme: "lanyard-edit", path: `/${open.document.uri.path.split("/").at(-1) ?? "file"}` }),
    );
  }

  private contexts(): void {
    void vscode.commands.executeCommand("setContext", "lanyard.editOpen", this.open !== undefined);
    void vscode.commands.executeCommand("setContext", "lanyard.editReady", this.open?.result !== undefined);
  }
}

/** A document's text with edits that do not overlap. */
function applied(document: vscode.TextDocument, edits: InlineEdit["edits"]): string {
  const at = (place: { line: number; character: number }): number =>
    document.offsetAt(new vscode.Position(place.line, place.character));
  let text = document.getText();
  for (const edit of [...edits].sort((a, b) => at(b.range.start) - at(a.range.start))) {
    text = text.slice(0, at(edit.range.start)) + edit.newText + text.slice(at(edit.range.end));
  }
  return text;
}
