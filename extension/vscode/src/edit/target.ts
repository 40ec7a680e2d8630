// The editor that code from elsewhere goes into.

import * as vscode from "vscode";

/** The one last looked at, never an output channel. Throws one line where there is none. */
export function editorForCode(): vscode.TextEditor {
  const [first] = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors].filter(
    (one) => one !== undefined && one.document.uri.scheme !== "output",
  );
  if (!first) {
    throw new Error("Open the file that the code is for, and select what it replaces.");
  }
  return first;
}
