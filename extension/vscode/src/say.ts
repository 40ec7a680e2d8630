// Words for the user: one line, and what can be done next.

import * as vscode from "vscode";

/**
 * What a server, a model or a file's name says, where VS Code makes links of `[words](target)`: in notifications and in
 * its status. A target may be a command.
 */
export function plain(line: string): string {
  return line.replaceAll("](", "] (");
}

/** A failure as one line. */
export function lineOf(error: unknown): string {
  return plain((error instanceof Error ? error.message : String(error)).replace(/\s+/g, " "));
}

/** Run something on the user's behalf; a failure is shown, a cancellation is not. */
export async function attempt(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof vscode.CancellationError || (error as { code?: number }).code === -32800) {
      return;
    }
    void vscode.window.showWarningMessage(lineOf(error));
  }
}
