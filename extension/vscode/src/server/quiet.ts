// Diagnostics are asked for once the typing pauses.

import * as vscode from "vscode";
import type { LanguageClientOptions, Middleware } from "vscode-languageclient/node";

const QUIET_MS = 250;

/**
 * A key costs no request for diagnostics: a document without any is not asked about while it is typed in (the server
 * says when some have come), one with some is once the typing pauses.
 */
export function onceQuiet(middleware: Middleware): Pick<LanguageClientOptions, "diagnosticPullOptions" | "middleware"> {
  const shown = new Set<string>();
  const typedAt = new Map<string, number>();
  const keyOf = (document: vscode.TextDocument | vscode.Uri): string =>
    (document instanceof vscode.Uri ? document : document.uri).toString();
  return {
    diagnosticPullOptions: {
      onChange: true,
      onSave: false,
      filter: (document) => {
        const key = keyOf(document);
        typedAt.set(key, Date.now());
        return !shown.has(key);
      },
    },
    middleware: {
      ...middleware,
      provideDiagnostics: async (document, before, token, next) => {
        const key = keyOf(document);
        if (shown.has(key)) {
          await pause((typedAt.get(key) ?? 0) + QUIET_MS - Date.now(), token);
        }
        const report = await next(document, before, token);
        if (report && "items" in report && report.items.length > 0) {
          shown.add(key);
        } else {
          shown.delete(key);
        }
        return report;
      },
    },
  };
}

/** Ends at once where it is not positive; a cancelled one is refused, which has the client ask again. */
export function pause(ms: number, token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    token.onCancellationRequested(() => {
      clearTimeout(timer);
      reject(new vscode.CancellationError());
    });
  });
}
