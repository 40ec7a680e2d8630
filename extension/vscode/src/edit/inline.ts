// Inline edit: an instruction at a selection, the new lines shown as they come in the open editor, accept or discard.
// Nothing of it is in the document before Accept, which is one step of its undo.

import * as vscode from "vscode";
import { documents, onDisk } from "../documents";
import type { InlineEdit, Range } from "../protocol";
import { attempt, lineOf, plain } from "../say";
import type { Server } from "../server/server";
import { History, Place } from "./places";
import { editorForCode } from "./target";
import { Zone } from "./zone";

interface Pending {
  place: Place;
  newText: string;
}

interface Open {
  document: vscode.TextDocument;
  /** Empty for code from elsewhere, which cannot be asked for again. */
  instruction: string;
  /** The lines that are shown as the old ones. */
  region: Place;
  lines: string[];
  history: History;
  /** The version of the document that was asked about. */
  asked: number;
  cancel: vscode.CancellationTokenSource;
  note: string;
  state: "coming" | "ready" | "failed" | "applying";
  pending: Pending[];
  problems: string[];
}

const MEANWHILE = "These lines were edited meanwhile: undo that, or ask again.";

/** One edit at a time: asking again discards the one before. */
export class InlineEdits implements vscode.Disposable, vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private open: Open | undefined;
  private readonly zone = new Zone();
  private readonly previews = new vscode.EventEmitter<vscode.Uri>();
  private readonly lenses = new vscode.EventEmitter<void>();
  readonly onDidChange = this.previews.event;
  readonly onDidChangeCodeLenses = this.lenses.event;
  private readonly own: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.own = vscode.Disposable.from(
      this.zone,
      vscode.commands.registerCommand("lanyard.edit", (instruction?: unknown) =>
        attempt(() => this.start(typeof instruction === "string" ? instruction : undefined)),
      ),
      vscode.commands.registerCommand("lanyard.edit.accept", () => attempt(() => this.accept())),
      vscode.commands.registerCommand("lanyard.edit.discard", () => this.discard()),
      vscode.commands.registerCommand("lanyard.edit.diff", () => attempt(() => this.diff())),
      vscode.commands.registerCommand("lanyard.edit.again", () => attempt(() => this.again())),
      vscode.workspace.registerTextDocumentContentProvider("lanyard-edit", this),
      vscode.languages.registerCodeLensProvider(documents(), this),
      vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.window.onDidChangeActiveTextEditor(() => this.contexts()),
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
    const text = open.document.getText();
    return open.state === "ready"
      ? applied(text, open.pending)
      : applied(text, [{ place: open.region, newText: open.lines.map((line) => `${line}\n`).join("") }]);
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const open = this.open;
    if (open?.document !== document) {
      return [];
    }
    const at = document.positionAt(open.region.start);
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(new vscode.Range(at, at), { title, command: `lanyard.edit.${command}` });
    const discard = lens("$(close) Discard", "discard");
    switch (open.state) {
      case "coming":
        return [lens(`$(sync~spin) ${open.note}`, "diff"), lens("$(close) Stop", "discard")];
      case "ready":
        return [lens(`$(check) Accept (${open.note})`, "accept"), discard, lens("$(diff) Show diff", "diff")];
      case "failed":
        return [lens("$(refresh) Ask again", "again"), discard];
      case "applying":
        return [];
    }
  }

  /** Offer code from elsewhere, a chat's, in the place of the selection, with the same accept and discard. */
  async propose(code: string, from: string): Promise<void> {
    const { document, selection } = editorForCode();
    const text = document.getText();
    const whole = wholeLines(text, selection);
    const place = selection.isEmpty ? new Place(text, document.offsetAt(selection.start), document.offsetAt(selection.start)) : whole;
    const newText = code.endsWith("\n") ? code : `${code}\n`;
    const open = this.begin(document, "", whole);
    this.ready(open, [{ place, newText }], from);
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
    onDisk(editor.document);
    const instruction =
      given ??
      (await vscode.window.showInputBox({
        title: "Edit Inline",
        prompt: "What to change in the selected lines",
        placeHolder: "use a generator; rename total to sum; handle None",
      }));
    if (instruction?.trim()) {
      await this.ask(editor.document, editor.selection, instruction);
    }
  }

  private async again(): Promise<void> {
    const open = this.open;
    if (open?.instruction) {
      const { document, region } = open;
      const range = new vscode.Range(document.positionAt(region.start), document.positionAt(region.end));
      await this.ask(document, range, open.instruction);
    }
  }

  private async ask(document: vscode.TextDocument, range: vscode.Range, instruction: string): Promise<void> {
    const open = this.begin(document, instruction, wholeLines(document.getText(), range));
    try {
      const result = await this.server.stream<InlineEdit>(
        "lanyard/edit",
        {
          textDocument: { uri: this.server.uriOf(document.uri) },
          range: { start: range.start, end: range.end },
          instruction,
        },
        (part: { text?: string; range?: Range }) => this.take(open, part),
        open.cancel.token,
      );
      const since = open.history.since(result.version);
      if (this.open !== open) {
        return;
      }
      open.problems = result.problems;
      const lines = since && lineStarts(since.text);
      const at = (place: { line: number; character: number }): number => (lines?.[place.line] ?? since?.text.length ?? 0) + place.character;
      const pending = result.edits.map((one) => ({
        place: new Place(since?.text ?? "", at(one.range.start), at(one.range.end)),
        newText: one.newText,
      }));
      if (!since) {
        throw new Error(MEANWHILE);
      }
      for (const change of since.changes) {
        pending.forEach(({ place }) => place.follow(change));
      }
      this.ready(open, pending, `${result.checks.join(", ")}, by ${result.worker}`);
    } catch (error) {
      if (this.open === open) {
        open.state = "failed";
        open.note = lineOf(error);
        this.draw();
        throw new Error(open.note);
      }
    }
  }

  private begin(document: vscode.TextDocument, instruction: string, region: Place): Open {
    this.discard();
    this.open = {
      document,
      instruction,
      region,
      lines: [],
      history: new History(document.version, document.getText()),
      asked: document.version,
      cancel: new vscode.CancellationTokenSource(),
      note: "asking",
      state: "coming",
      pending: [],
      problems: [],
    };
    this.draw();
    return this.open;
  }

  /** What is to be replaced, then the new lines as they come. */
  private take(open: Open, part: { text?: string; range?: Range }): void {
    if (this.open !== open) {
      return;
    }
    if (part.range && open.lines.length === 0) {
      // In the text that was asked about: what was typed since has moved it.
      const since = open.history.since(open.asked);
      if (since) {
        open.region = wholeLines(since.text, part.range);
        since.changes.forEach((change) => open.region.follow(change));
      }
    }
    if (part.text) {
      open.lines.push(...part.text.replace(/\n$/, "").split("\n"));
      open.note = `${open.lines.length} lines so far`;
    }
    this.draw();
  }

  /** The whole answer, checked: what is shown from now on is what Accept does. */
  private ready(open: Open, pending: Pending[], note: string): void {
    const text = open.document.getText();
    const starts = pending.map(({ place }) => place.start);
    const ends = pending.map(({ place }) => place.end);
    const [first, last] = [Math.min(open.region.start, ...starts), Math.max(open.region.end, ...ends)];
    const range = new vscode.Range(open.document.positionAt(first), open.document.positionAt(last));
    open.region = wholeLines(text, range);
    const after = applied(text, pending);
    const kept = after.length - (text.length - open.region.end);
    open.lines = after.slice(open.region.start, kept).replace(/\r?\n$/, "").split(/\r?\n/);
    Object.assign(open, { pending, note, state: "ready" });
    this.draw();
  }

  private follow(event: vscode.TextDocumentChangeEvent): void {
    const open = this.open;
    if (open?.document !== event.document || event.contentChanges.length === 0) {
      return;
    }
    open.history.add(event.document.version, event.document.getText(), event.contentChanges);
    for (const change of event.contentChanges) {
      open.region.follow(change);
      open.pending.forEach(({ place }) => place.follow(change));
    }
    this.draw();
  }

  private async accept(): Promise<void> {
    const open = this.open;
    if (open?.state !== "ready") {
      return;
    }
    const { document, problems } = open;
    const text = document.getText();
    if (!open.pending.every(({ place }) => place.intact(text))) {
      throw new Error(MEANWHILE);
    }
    const edit = new vscode.WorkspaceEdit();
    for (const { place, newText } of open.pending) {
      const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
      edit.replace(document.uri, range, newText);
    }
    open.state = "applying"; // what follows is its own edit: it is not drawn as another's
    const applied = await vscode.workspace.applyEdit(edit).then((taken) => taken, () => false);
    if (this.open === open) {
      if (applied) {
        this.discard();
      } else {
        open.state = "ready";
        this.draw();
      }
    }
    if (!applied) {
      throw new Error("The editor refused the edit; try once more.");
    }
    if (problems.length > 0) {
      void vscode.window.showWarningMessage(plain(problems.join("; ")));
    }
  }

  private discard(): void {
    const open = this.open;
    if (open) {
      this.open = undefined;
      this.close(open);
    }
  }

  private close(open: Open): void {
    open.cancel.cancel();
    open.cancel.dispose();
    this.zone.hide();
    this.contexts();
    this.lenses.fire();
    for (const tab of vscode.window.tabGroups.all.flatMap((group) => group.tabs)) {
      if (tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === "lanyard-edit") {
        void vscode.window.tabGroups.close(tab);
      }
    }
  }

  private async diff(): Promise<void> {
    const open = this.open;
    if (!open) {
      return;
    }
    const uri = previewOf(open.document);
    this.previews.fire(uri);
    const title = `${open.document.uri.path.split("/").at(-1) ?? "file"} (inline edit)`;
    await vscode.commands.executeCommand("vscode.diff", open.document.uri, uri, title, {
      preview: true,
      preserveFocus: true,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  private draw(): void {
    const open = this.open;
    if (!open || open.state === "applying") {
      return;
    }
    const { document, region, lines, state } = open;
    const last = Math.min(document.lineCount, document.positionAt(Math.max(region.start, region.end - 1)).line + 1);
    const first = document.positionAt(region.start).line;
    const intact = state !== "ready" || open.pending.every(({ place }) => place.intact(document.getText()));
    this.zone.show({ document, first, last, lines, state, note: intact ? open.note : MEANWHILE });
    this.contexts();
    this.lenses.fire();
    this.previews.fire(previewOf(document));
  }

  private contexts(): void {
    const shown = vscode.window.activeTextEditor?.document;
    const here = this.open !== undefined && (shown === this.open.document || shown?.uri.scheme === "lanyard-edit");
    // Its keys are those of other things in every other editor.
    void vscode.commands.executeCommand("setContext", "lanyard.editHere", here);
    void vscode.commands.executeCommand("setContext", "lanyard.editOpen", this.open !== undefined);
    void vscode.commands.executeCommand("setContext", "lanyard.editReady", this.open?.state === "ready" || this.open?.state === "applying");
  }
}

function previewOf(document: vscode.TextDocument): vscode.Uri {
  return vscode.Uri.from({ scheme: "lanyard-edit", path: `/${document.uri.path.split("/").at(-1) ?? "file"}` });
}

/** The lines that a range touches; one that ends at the start of a line does not touch that. */
function wholeLines(text: string, { start, end }: Range): Place {
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const starts = lineStarts(text);
  return new Place(text, starts[start.line] ?? text.length, starts[last + 1] ?? text.length);
}

/** A text with edits that do not overlap. */
function applied(text: string, edits: readonly Pending[]): string {
  let done = text;
  for (const { place, newText } of [...edits].sort((a, b) => b.place.start - a.place.start)) {
    done = done.slice(0, place.start) + newText + done.slice(place.end);
  }
  return done;
}

/** The offset of each line's start; line ends are those of LSP. */
function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
}
