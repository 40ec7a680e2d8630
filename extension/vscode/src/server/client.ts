// The language client. A bundle of its own, dist/client.js, which is loaded while the server starts, not at activation.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from "vscode-languageclient/node";

const SHOWN_HERE = new Map([
  ["lanyard.showDiff", "lanyard.proposal.open"],
  ["lanyard.task.why", "lanyard.fleet.why"],
]);

const QUIET_MS = 250;

/** What the client is told of its surroundings, and tells them. */
export interface Surroundings {
  output: vscode.LogOutputChannel;
  /** What the user has set. */
  settings: Record<string, unknown>;
  /** The server has closed its end. */
  closed(client: Client): void;
  /** A completion is asked for; ends with its answer. */
  completing(answer: PromiseLike<number>): void;
}

export class Client extends LanguageClient {
  constructor(command: string, args: string[], around: Surroundings) {
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-userdata" }],
      outputChannel: around.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { lanyard: around.settings },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          around.closed(this);
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      ...onceQuiet({
        // A client that draws diffs and lists itself needs no documents for them.
        executeCommand: (name, given: unknown[], next): unknown => {
          const here = SHOWN_HERE.get(name);
          return here ? vscode.commands.executeCommand(here, ...given) : next(name, given);
        },
        provideInlineCompletionItems: (document, position, context, token, next) => {
          const answer = Promise.resolve(next(document, position, context, token));
          around.completing(answer.then((found) => (Array.isArray(found) ? found : found?.items)?.length ?? 0));
          return answer;
        },
      }),
    };
    super("lanyard", "Lanyard", { command, args, transport: TransportKind.stdio }, options);
  }

  get running(): boolean {
    return this.state === State.Running;
  }

  /** Sets the parts of the initialize request that are Lanyard's own. */
  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    params.initializationOptions = {
      ...(params.initializationOptions as object),
      trusted: vscode.workspace.isTrusted,
      results: "told",
    };
  }
}

/**
 * A key costs no request for diagnostics: a document without any is not asked about while it is typed in (the server
 * says when some have come), one with some is once the typing pauses.
 */
function onceQuiet(middleware: Middleware): Pick<LanguageClientOptions, "diagnosticPullOptions" | "middleware"> {
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
function pause(ms: number, token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    token.onCancellationRequested(() => {
      clearTimeout(timer);
      reject(new vscode.CancellationError());
    });
  });
}
