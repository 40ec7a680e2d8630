// What the user has set, as the server takes it.

import * as vscode from "vscode";

/** What stands between lists, for the server (`exclusions.py`). */
const BETWEEN = "# another list";

/** The settings that the user gave; what is null is left to the user's file. */
export function given(): Record<string, Record<string, unknown>> {
  const all = vscode.workspace.getConfiguration("lanyard");
  const own: Record<string, Record<string, unknown>> = {};
  for (const [section, values] of Object.entries(all)) {
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      const kept = Object.entries(values as Record<string, unknown>).filter(([, value]) => value !== null);
      if (kept.length > 0) {
        own[section] = Object.fromEntries(kept);
      }
    }
  }
  const ignore = ignored();
  return ignore.length > 0 ? { ...own, privacy: { ...own["privacy"], ignore } } : own;
}

/**
 * What the window or one of its folders wants left alone; a comment stands between two lists, so that `!` takes
 * back what its own list has. The server asks for the folders too, but for those on a disk, and not before it runs.
 */
function ignored(): unknown[] {
  const scopes = [null, ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri)];
  const lists = scopes.map((scope) => vscode.workspace.getConfiguration("lanyard", scope).get<unknown>("privacy.ignore"));
  const found = new Map(lists.filter((list) => Array.isArray(list)).map((list) => [JSON.stringify(list), list as unknown[]]));
  return [...found.values()].filter((list) => list.length > 0).flatMap((list, at) => (at > 0 ? [BETWEEN, ...list] : list));
}
