// One-click install where nothing is there to install with.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { install } from "../src/server/install";
import { Uri, window } from "./vscode";

const path = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = path;
});

test("what is missing is said, and the click is over while that still stands there", async () => {
  process.env["PATH"] = "";
  const said: string[] = [];
  const stands = (line: string): Promise<undefined> => {
    said.push(line);
    return new Promise(() => undefined);
  };
  Object.assign(window, { showErrorMessage: stands });
  const context = { globalStorageUri: Uri.file("/nowhere") };
  assert.equal(await install(context as never, {} as never), false);
  assert.match(said[0] ?? "", /needs Python 3\.11 or newer/);
});
