// The settings as the server is told of them.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Uri, workspace } from "./vscode";
import { given } from "../src/server/settings";

const before = workspace.getConfiguration;
afterEach(() => {
  workspace.getConfiguration = before;
  workspace.workspaceFolders = [];
});

/** What is set in the window, and in folders; a folder without a list of its own has the window's. */
function set(ofWindow: unknown, folders: Record<string, unknown>): void {
  workspace.workspaceFolders = Object.keys(folders).map((path) => ({ uri: Uri.file(path) }));
  workspace.getConfiguration = (_: unknown, scope?: unknown) => {
    const ignore = scope instanceof Uri ? (folders[scope.fsPath] ?? ofWindow) : ofWindow;
    const all = { completion: { enabled: null, debounce_ms: 50 }, privacy: { ignore }, path: "" };
    const get = (name: string): unknown => {
      assert.notEqual(scope, undefined); // VS Code would write a warning into its log for each
      return name === "privacy.ignore" ? ignore : undefined;
    };
    return { ...all, get };
  };
}

test("what any folder wants left alone is left alone, and the rest is the window's", () => {
  set(["*.pem"], { "/one": ["*.sql", "!schema.sql"], "/two": undefined, "/three": ["*.pem"], "/four": [] });
  assert.deepEqual(given(), { completion: { debounce_ms: 50 }, privacy: { ignore: ["*.pem", "# another list", "*.sql", "!schema.sql"] } });
});

test("a folder's list counts where the window has none", () => {
  set(null, { "/one": ["*.sql"], "/two": null });
  assert.deepEqual(given()["privacy"], { ignore: ["*.sql"] });
});

test("what is not set is left to the user's file", () => {
  set(null, { "/one": null });
  assert.deepEqual(given(), { completion: { debounce_ms: 50 } });
});
