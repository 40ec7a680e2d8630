// Words for the user: one line, and what can be done next.

import * as vscode from "vscode";

/** A failure as one line. */
export function lineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
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
