// The language client. A bundle of its own, dist/client.js, which is loaded while the server starts, not at activation.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  ProgressType,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import { documents } from "../documents";
import { Pace } from "./pace";
import { onceQuiet } from "./quiet";

const SHOWN_HERE = new Map([
  ["lanyard.showDiff", "lanyard.proposal.open"],
  ["lanyard.task.why", "lanyard.fleet.why"],
]);

/** What the client is told of its surroundings, and tells them. */
export interface Surroundings {
  output: vscode.LogOutputChannel;
  /** What the user has set by now. */
  settings(): Record<string, unknown>;
  /** What the server's environment has beside the extension host's. */
  environment: Record<string, string>;
  /** The server has closed its end. */
  closed(client: Client): void;
  /** A completion is asked for; ends with its answer. */
  completing(answer: PromiseLike<number>): void;
}

export class Client extends LanguageClient {
  constructor(command: string, args: string[], around: Surroundings) {
    const pace = new Pace();
    const options: LanguageClientOptions = {
      documentSelector: documents(),
      outputChannel: around.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { lanyard: around.settings() },
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
        workspace: {
          configuration: async ({ items }, token, next) => {
            const answers = await next({ items }, token);
            const ofWindow = (at: number): boolean => items[at]?.section === "lanyard" && items[at].scopeUri === undefined;
            return Array.isArray(answers) ? answers.map((one: unknown, at) => (ofWindow(at) ? around.settings() : one)) : answers;
          },
        },
        didChange: (event, next) => {
          pace.typed();
          return next(event);
        },
        provideInlineCompletionItems: async (document, position, context, token, next) => {
          const byHand = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
          if (!byHand && !(await pace.over(token))) {
            return null;
          }
          const answer = Promise.resolve(next(document, position, context, token));
          around.completing(answer.then((found) => (Array.isArray(found) ? found : found?.items)?.length ?? 0));
          return answer;
        },
      }),
    };
    super("lanyard", "Lanyard", { command, args, transport: TransportKind.stdio, options: { env: { ...process.env, ...around.environment } } }, options);
  }

  get running(): boolean {
    return this.state === State.Running;
  }

  /** Hear the partial results of one request. By its token: a handler for all progress would replace the client's own. */
  onPartial(token: string, take: (part: { text?: string }) => void): vscode.Disposable {
    return this.onProgress(new ProgressType<{ text?: string }>(), token, take);
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
