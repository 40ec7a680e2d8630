// Which documents Lanyard works on.

import * as vscode from "vscode";

/** Files, drafts, and what lies in the workspace's folders where those are on no disk: GitHub's, an archive's. */
export function documents(): { scheme: string }[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.scheme);
  return [...new Set(["file", "untitled", "vscode-userdata", ...folders])].map((scheme) => ({ scheme }));
}

/** Tasks and inline edits read the project around their place: of one that is on no disk they can know nothing. */
export function onDisk({ uri }: vscode.TextDocument): void {
  if (uri.scheme !== "file" && uri.scheme !== "untitled") {
    throw new Error("This needs a file on a disk; here completion and chat work.");
  }
}
