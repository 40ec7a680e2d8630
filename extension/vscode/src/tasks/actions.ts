// The commands of the context menu and the palette: the nearest code action of a kind.

import * as vscode from "vscode";
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
  const selection = editor.selection;
  const range = {
    start: { line: selection.start.line, character: selection.start.character },
    end: { line: selection.end.line, character: selection.end.character },
  };
  const diagnostics =
    kind === "quickfix"
      ? vscode.languages
          .getDiagnostics(editor.document.uri)
          .filter((one) => one.range.intersection(selection) && one.source !== "lanyard")
          .map((one) => ({
            range: one.range,
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
