// Where the `lanyard` command is.

import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { toolFolders } from "./places";

const EXECUTABLE = process.platform === "win32" ? "lanyard.exe" : "lanyard";
const BIN = process.platform === "win32" ? "Scripts" : "bin";
const ASKING_MS = 15_000;

export interface Found {
  command: string;
  args: string[];
  version: string;
}

/** The first `lanyard` that runs, or why there is none, in one line. */
export async function findServer(): Promise<Found | string> {
  const settings = vscode.workspace.getConfiguration("lanyard");
  const args = settings.get<string[]>("args", ["serve"]);
  const named = settings.get<string>("path", "").trim();
  if (named) {
    const version = await versionOf(named);
    return version ? { command: named, args, version } : `lanyard.path is ${named}, which does not run`;
  }
  for (const command of candidates()) {
    if (await runs(command)) {
      const version = await versionOf(command);
      if (version) {
        return { command, args, version };
      }
    }
  }
  return "the lanyard command is not installed";
}

/** The setting is not among them: it is taken as it is or not at all. */
function candidates(): string[] {
  const found: string[] = [];
  if (vscode.workspace.isTrusted) {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme === "file") {
        for (const name of [".venv", "venv"]) {
          found.push(join(folder.uri.fsPath, name, BIN, EXECUTABLE));
        }
      }
    }
  }
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (folder) {
      found.push(join(folder, EXECUTABLE));
    }
  }
  for (const folder of toolFolders(process.env, homedir())) {
    found.push(join(folder, EXECUTABLE));
  }
  return found;
}

async function runs(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What `lanyard --version` says, without the name; empty where it does not run. */
export function versionOf(command: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, ["--version"], { timeout: ASKING_MS }, (error, out) => {
      resolve(error ? "" : (/\d+\.\d+\S*/.exec(out)?.[0] ?? ""));
    });
  });
}

/** Whether server and extension speak the same protocol: the same minor version before 1.0, the same major after. */
export function compatible(server: string, extension: string): boolean {
  const [a, b] = [server, extension].map((version) => version.split(".").map(Number));
  return a?.[0] === b?.[0] && (a?.[0] !== 0 || a[1] === b?.[1]);
}
