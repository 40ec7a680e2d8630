// Where uv and pipx put commands, as they themselves say it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { toolFolders } from "../src/server/places";

const HOME = join("/home", "me");
const usual = join(HOME, ".local", "bin");

test("where nothing is said, commands are in the home folder", () => {
  assert.deepEqual(toolFolders({}, HOME), [usual]);
  assert.deepEqual(toolFolders({ PIPX_BIN_DIR: "", XDG_BIN_HOME: "  " }, HOME), [usual]);
});

test("uv takes its own folder, that of all commands, or the one beside that of all data", () => {
  assert.deepEqual(toolFolders({ UV_TOOL_BIN_DIR: join("/opt", "uv") }, HOME), [join("/opt", "uv"), usual]);
  assert.deepEqual(toolFolders({ XDG_BIN_HOME: join("/opt", "bin") }, HOME), [join("/opt", "bin"), usual]);
  assert.deepEqual(toolFolders({ XDG_DATA_HOME: join("/data", "share") }, HOME), [join("/data", "bin"), usual]);
});

test("pipx takes its own folder, written with ~ too", () => {
  assert.deepEqual(toolFolders({ PIPX_BIN_DIR: join("/opt", "pipx") }, HOME), [join("/opt", "pipx"), usual]);
  assert.deepEqual(toolFolders({ PIPX_BIN_DIR: join("~", "pb") }, HOME), [join(HOME, "pb"), usual]);
});
