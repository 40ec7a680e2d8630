// The hunks of a proposal in its diff: where each is, what is said beside it, and the choice of some.
// VS Code shows code lenses in diff editors only where `diffEditor.codeLens` is set, so every hunk has its words and its key too.

import * as vscode from "vscode";
import type { Hunk, Proposal } from "../protocol";

export type Side = "before" | "after";

const KEY = process.platform === "darwin" ? "Cmd+Enter" : "Ctrl+Enter";
const HUNK = vscode.window.createTextEditorDecorationType({
  after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" },
});

export interface Placed {
  hunk: Hunk;
  /** Which of those that are left it is, from 1. Its index is its name, and stays when others are applied. */
  number: number;
  /** Its first line on that side, and the one after its last. */
  first: number;
  last: number;
}

/** Where the hunks are on one side of the diff. */
export function placesOf(proposal: Proposal, side: Side): Placed[] {
  let shift = 0;
  return proposal.hunks.map((hunk, at) => {
    const [old, now] = [lines(hunk.before), lines(hunk.after)];
    const first = hunk.firstLine + (side === "after" ? shift : 0);
    shift += now - old;
    return { hunk, number: at + 1, first, last: first + Math.max(side === "after" ? now : old, 1) };
  });
}

/** The hunk nearest to a line of that side. */
export function hunkAt(proposal: Proposal | undefined, line: number, side: Side): number {
  const away = ({ first, last }: Placed): number => Math.max(first - line, line - last + 1, 0);
  const places = proposal ? placesOf(proposal, side) : [];
  return places.reduce<Placed | undefined>((best, one) => (best && away(best) <= away(one) ? best : one), undefined)?.hunk.index ?? 0;
}

/** Whether a document shows the proposal as it is, not as it was before a hunk was applied: the lines tell. */
export function isDrawn({ lineCount }: vscode.TextDocument, proposal: Proposal, side: Side): boolean {
  return proposal[side].split(/\r\n|\r|\n/).length === lineCount;
}

/** Say beside each hunk which it is and how it is applied. */
export function markHunks(editor: vscode.TextEditor, proposal: Proposal | undefined): void {
  const places = proposal && proposal.hunks.length > 1 ? placesOf(proposal, "after") : [];
  editor.setDecorations(
    HUNK,
    places.map(({ hunk, number, first }) => {
      const line = Math.min(first, editor.document.lineCount - 1);
      const { end } = editor.document.lineAt(line).range;
      const given = encodeURIComponent(JSON.stringify([proposal?.id, hunk.index]));
      const hover = new vscode.MarkdownString(`[Apply this hunk](command:lanyard.proposal.applyHunk?${given})`);
      hover.isTrusted = { enabledCommands: ["lanyard.proposal.applyHunk"] };
      const contentText = `hunk ${number} of ${places.length}: ${KEY}`;
      return { range: new vscode.Range(end, end), hoverMessage: hover, renderOptions: { after: { contentText } } };
    }),
  );
}

/** Let the user choose a hunk from a list; undefined where none was chosen. */
export async function chooseHunk(proposal: Proposal): Promise<number | undefined> {
  const entries = proposal.hunks.map((hunk) => ({
    label: `Line ${hunk.firstLine + 1}: −${lines(hunk.before)} +${lines(hunk.after)}`,
    detail: firstOf(hunk.after) || firstOf(hunk.before),
    index: hunk.index,
  }));
  const title = `Apply a Hunk of: ${proposal.title}`;
  return (await vscode.window.showQuickPick(entries, { title, matchOnDetail: true }))?.index;
}

function firstOf(text: string): string {
  return text.split("\n").find((line) => line.trim())?.trim() ?? "";
}

function lines(text: string): number {
  return text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
