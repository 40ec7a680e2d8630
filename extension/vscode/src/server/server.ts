// The running server: found, started, watched, started again. Everything else asks through it.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import type { Result, Status } from "../protocol";
import { compatible, findServer, versionOf } from "./find";
import { install, ownCommand } from "./install";
import { Restarts } from "./restarts";

export type Word = { state: Status["state"] | "missing" | "old" | "thinking"; line: string };

const SHOWN_HERE = new Map([
  ["lanyard.showDiff", "lanyard.proposal.open"],
  ["lanyard.task.why", "lanyard.fleet.why"],
]);

const LOOK_AGAIN_MS = 5000;

/** Sets the parts of the initialize request that are Lanyard's own. */
class Client extends LanguageClient {
  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    params.initializationOptions = {
      ...(params.initializationOptions as object),
      trusted: vscode.workspace.isTrusted,
      results: "told",
    };
  }
}

export class Server implements vscode.Disposable {
  private client: Client | undefined;
  private readonly restarts = new Restarts();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private completions = 0;
  private word: Word = { state: "starting", line: "starting" };
  private differs = "";
  private readonly words = new vscode.EventEmitter<Word>();
  private readonly results = new vscode.EventEmitter<Result>();
  private readonly starts = new vscode.EventEmitter<void>();

  /** What the status item shows. */
  readonly onWord = this.words.event;
  /** A proposal or a review has come. */
  readonly onResult = this.results.event;
  /** A server runs, for the first time or again. */
  readonly onStart = this.starts.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly output: vscode.LogOutputChannel,
  ) {}

  get current(): Word {
    if (this.differs && this.running) {
      return { state: "old", line: this.differs };
    }
    return this.completions > 0 && this.word.state === "idle" ? { state: "thinking", line: this.word.line } : this.word;
  }

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Start; never rejects: what is wrong stands in the status. */
  async start(): Promise<void> {
    this.stopping = false;
    clearTimeout(this.timer);
    this.say({ state: "starting", line: "starting" });
    const found = await this.find();
    if (typeof found === "string") {
      this.say({ state: "missing", line: found });
      this.timer = setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS);
      return;
    }
    const own = this.context.extension.packageJSON as { version: string };
    this.differs = compatible(found.version, own.version)
      ? ""
      : `server ${found.version} and extension ${own.version} do not fit together; update the older one`;
    if (this.differs) {
      this.output.warn(this.differs);
    }
    const client = this.make(found.command, found.args);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.output.error(String(error));
      if (this.client === client) {
        this.again();
      }
      return;
    }
    client.onNotification("lanyard/fleetChanged", (told: { status: Status }) => this.say(told.status));
    client.onNotification("lanyard/result", (told: Result) => this.results.fire(told));
    await vscode.commands.executeCommand("setContext", "lanyard.running", true);
    this.starts.fire();
    void this.askFleet(client);
  }

  async restart(): Promise<void> {
    this.restarts.forget();
    await this.stop();
    await this.start();
  }

  /** Install the server on the user's click, then start it. */
  async install(): Promise<void> {
    if (await install(this.context, this.output)) {
      await this.restart();
    }
  }

  /** A request to the server; rejects with one line for the user where it does not run. */
  async ask<T>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<T> {
    const client = this.client;
    if (!client || !this.running) {
      throw new Error(`Lanyard does not run: ${this.word.line}`);
    }
    try {
      // A token that is undefined would be sent as a second parameter.
      return await (token ? client.sendRequest<T>(method, params, token) : client.sendRequest<T>(method, params));
    } catch (error) {
      if (this.hasLost(client)) {
        throw new Error("The server has stopped in the middle; it is started again. Then ask once more.");
      }
      throw error;
    }
  }

  /** One of the server's commands. */
  execute<T>(command: string, ...args: unknown[]): Promise<T> {
    return this.ask<T>("workspace/executeCommand", { command, arguments: args });
  }

  /** A request whose partial results are handed on as they come. */
  async stream<T>(
    method: string,
    params: object,
    take: (part: { text?: string }) => void,
    cancel?: vscode.CancellationToken,
  ): Promise<T> {
    const token = `lanyard-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const client = this.client;
    const listening = client?.onNotification("$/progress", (told: { token: unknown; value: { text?: string } }) => {
      if (told.token === token) {
        take(told.value);
      }
    });
    try {
      return await this.ask<T>(method, { ...params, partialResultToken: token }, cancel);
    } finally {
      listening?.dispose();
    }
  }

  /** Tell the server what the user has set now. */
  async configure(): Promise<void> {
    if (this.client && this.running) {
      const settings = { lanyard: given() };
      await this.client.sendNotification("workspace/didChangeConfiguration", { settings });
    }
  }

  uriOf(uri: vscode.Uri): string {
    return this.client ? this.client.code2ProtocolConverter.asUri(uri) : uri.toString();
  }

  dispose(): void {
    clearTimeout(this.timer);
    void this.stop();
    this.words.dispose();
    this.results.dispose();
    this.starts.dispose();
  }

  private async find(): ReturnType<typeof findServer> {
    const found = await findServer();
    if (typeof found !== "string" || vscode.workspace.getConfiguration("lanyard").get<string>("path", "")) {
      return found;
    }
    const command = ownCommand(this.context);
    const version = await versionOf(command);
    return version ? { command, args: ["serve"], version } : found;
  }

  private make(command: string, args: string[]): Client {
    const client = new Client(
      "lanyard",
      "Lanyard",
      { command, args, transport: TransportKind.stdio },
      {
        documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-userdata" }],
        outputChannel: this.output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { lanyard: given() },
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            if (!this.stopping && this.client === client) {
              this.again();
            }
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
        middleware: {
          // A client that draws diffs and lists itself needs no documents for them.
          executeCommand: (name, given: unknown[], next): unknown => {
            const here = SHOWN_HERE.get(name);
            return here ? vscode.commands.executeCommand(here, ...given) : next(name, given);
          },
          provideInlineCompletionItems: async (document, position, context, token, next) => {
            this.completions++;
            this.words.fire(this.current);
            try {
              const found = await next(document, position, context, token);
              const items = Array.isArray(found) ? found : found?.items;
              if (items?.length) {
                void vscode.commands.executeCommand("setContext", "lanyard.completed", true);
              }
              return found;
            } finally {
              this.completions--;
              this.words.fire(this.current);
            }
          },
        },
      },
    );
    return client;
  }

  private async askFleet(client: Client): Promise<void> {
    try {
      const fleet = await client.sendRequest<{ status: Status }>("lanyard/fleet", null);
      this.say(fleet.status);
    } catch (error) {
      this.output.warn(String(error));
    }
  }

  private again(): void {
    this.client = undefined;
    void vscode.commands.executeCommand("setContext", "lanyard.running", false);
    const wait = this.restarts.next(Date.now());
    this.say({ state: "error", line: `the server has stopped; it is started again in ${Math.ceil(wait / 1000)} s` });
    this.timer = setTimeout(() => void this.start(), wait);
  }

  private async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    void vscode.commands.executeCommand("setContext", "lanyard.running", false);
    if (client?.state === State.Running) {
      await client.stop(2000).catch(() => undefined);
    }
  }

  /** It may have been installed in a terminal meanwhile. */
  private async lookAgain(): Promise<void> {
    if (typeof (await this.find()) !== "string") {
      await this.start();
    } else if (!this.stopping) {
      this.timer = setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS);
    }
  }

  private hasLost(client: Client): boolean {
    return this.client !== client || client.state !== State.Running;
  }

  private say(word: Word): void {
    this.word = word;
    this.words.fire(this.current);
  }
}

/** The settings that the user gave; what is null is left to the user's file. */
function given(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration("lanyard");
  const own: Record<string, unknown> = {};
  for (const [section, values] of Object.entries(all)) {
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      const kept = Object.entries(values as Record<string, unknown>).filter(([, value]) => value !== null);
      if (kept.length > 0) {
        own[section] = Object.fromEntries(kept);
      }
    }
  }
  return own;
}
