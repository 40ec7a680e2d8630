// The commands of the context menu and the palette: the nearest code action of a kind.

import * as vscode from "vscode";
import { onDisk } from "../documents";
import type { Range } from "../protocol";
import { attempt } from "../say";
import type { Server } from "../server/server";

const KINDS: Record<string, string> = {
  review: "lanyard.review",
  tests: "refactor.rewrite.tests",
  refactor: "refactor.rewrite",
  document: "refactor.rewrite.document",
  explain: "lanyard.explain",
  fix: "quickfix",
};

interface Action {
  kind?: string;
  command?: { command: string; arguments?: unknown[] };
}

/** Registers the commands. */
export function actionCommands(server: Server): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(KINDS).map(([word, kind]) =>
      vscode.commands.registerCommand(`lanyard.${word}`, () => attempt(() => run(server, kind))),
    ),
  );
}

async function run(server: Server, kind: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Error("Open a file and put the cursor into a function first.");
  }
  onDisk(editor.document);
  const selection = editor.selection;
  const range = plain(selection);
  const meets = (one: vscode.Diagnostic): boolean => one.range.intersection(selection) !== undefined;
  const diagnostics =
    kind === "quickfix"
      ? vscode.languages
          .getDiagnostics(editor.document.uri)
          // Those at the cursor first, then the others of its lines; a finding too: the server itself tells proposals apart.
          .filter(({ range }) => range.start.line <= selection.end.line && range.end.line >= selection.start.line)
          .sort((one, other) => Number(meets(other)) - Number(meets(one)))
          .map((one) => ({
            range: plain(one.range),
            message: one.message,
            severity: one.severity + 1,
            ...(one.source ? { source: one.source } : {}),
          }))
      : [];
  const found = await server.ask<Action[]>("textDocument/codeAction", {
    textDocument: { uri: server.uriOf(editor.document.uri) },
    range,
    context: { diagnostics, only: [kind] },
  });
  const action = found.find((one) => one.kind === kind && one.command?.command === "lanyard.run");
  if (!action?.command) {
    throw new Error(
      kind === "quickfix" ? "There is no problem here to fix." : "Nothing here that this fits; put the cursor into a function.",
    );
  }
  await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
}

/** As the protocol has it: VS Code's own class becomes a list in JSON. */
function plain({ start, end }: vscode.Range): Range {
  const at = ({ line, character }: vscode.Position): Range["start"] => ({ line, character });
  return { start: at(start), end: at(end) };
}
