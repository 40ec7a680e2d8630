// One-click install: with uv or pipx where there is one, else into a virtual environment of the extension's own.

import { spawn } from "node:child_process";
import { join } from "node:path";
import * as vscode from "vscode";
import { plain } from "../say";
import { versionOf } from "./find";

interface Step {
  command: string;
  args: string[];
}

const BIN = process.platform === "win32" ? "Scripts" : "bin";

/** Install the server; true where it is there afterwards. Nothing is installed without the user's click. */
export async function install(context: vscode.ExtensionContext, output: vscode.OutputChannel): Promise<boolean> {
  const steps = await plan(context);
  if (!steps) {
    // Not waited for: who has not closed it may well click once more.
    void vscode.window.showErrorMessage(
      "Lanyard needs Python 3.11 or newer, uv or pipx on this machine. Install one of them, then try again.",
    );
    return false;
  }
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Installing Lanyard", cancellable: true },
    async (progress, token) => {
      for (const step of steps) {
        progress.report({ message: [step.command, ...step.args].join(" ").slice(0, 80) });
        const failed = await run(step, output, token);
        if (failed) {
          output.show(true);
          if (!token.isCancellationRequested) {
            void vscode.window.showErrorMessage(plain(`Installing Lanyard failed: ${failed}. The output has all of it.`));
          }
          return false;
        }
      }
      return true;
    },
  );
}

/** Where the extension's own environment has the command. */
export function ownCommand(context: vscode.ExtensionContext): string {
  const name = process.platform === "win32" ? "lanyard.exe" : "lanyard";
  return join(context.globalStorageUri.fsPath, "venv", BIN, name);
}

async function plan(context: vscode.ExtensionContext): Promise<Step[] | undefined> {
  if (await versionOf("uv")) {
    return [{ command: "uv", args: ["tool", "install", "--upgrade", "lanyard"] }];
  }
  if (await versionOf("pipx")) {
    return [{ command: "pipx", args: ["install", "--force", "lanyard"] }];
  }
  for (const python of ["python3", "python", "py"]) {
    const [major, minor] = (await versionOf(python)).split(".").map(Number);
    if (major === 3 && (minor ?? 0) >= 11) {
      const folder = join(context.globalStorageUri.fsPath, "venv");
      return [
        { command: python, args: ["-m", "venv", folder] },
        { command: join(folder, BIN, "python"), args: ["-m", "pip", "install", "--upgrade", "lanyard"] },
      ];
    }
  }
  return undefined;
}

function run(step: Step, output: vscode.OutputChannel, token: vscode.CancellationToken): Promise<string> {
  return new Promise((resolve) => {
    output.appendLine(`> ${step.command} ${step.args.join(" ")}`);
    const child = spawn(step.command, step.args, { stdio: ["ignore", "pipe", "pipe"] });
    let last = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output.append(data.toString());
        last = data.toString().trim().split("\n").at(-1) ?? last;
      });
    }
    token.onCancellationRequested(() => child.kill());
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code) => resolve(code === 0 ? "" : last || `${step.command} ended with ${code}`));
  });
}
