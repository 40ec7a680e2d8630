// The running server: found, started, watched, started again. Everything else asks through it.

import * as vscode from "vscode";
import type { Result, Status } from "../protocol";
import { lineOf, plain } from "../say";
import type { Client } from "./client";
import { compatible, findServer, versionOf } from "./find";
import { install, ownCommand } from "./install";
import { Keys } from "./keys";
import { Restarts } from "./restarts";
import { given } from "./settings";

export type Word = { state: Status["state"] | "missing" | "old" | "thinking"; line: string; detail?: string };

const LOOK_AGAIN_MS = 5000;

/** An answer that takes no longer is not worth a word: the status would change with each key. */
const THINKING_MS = 400;

export class Server implements vscode.Disposable {
  private client: Client | undefined;
  private readonly restarts = new Restarts();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  /** A start is under way, or will be by itself. */
  private coming = false;
  private runs = 0;
  private completions = 0;
  private thinking: NodeJS.Timeout | undefined;
  private isThinking = false;
  private completed = false;
  private said = "";
  private word: Word = { state: "starting", line: "starting" };
  private differs = "";
  private installing: Promise<void> | undefined;
  private readonly words = new vscode.EventEmitter<Word>();
  private readonly results = new vscode.EventEmitter<Result>();
  private readonly fleets = new vscode.EventEmitter<void>();
  private readonly starts = new vscode.EventEmitter<void>();

  /** What the status item shows is another. */
  readonly onWord = this.words.event;
  /** A proposal or a review has come. */
  readonly onResult = this.results.event;
  /** Something of the fleet or the tasks has changed, whether the word has or not. */
  readonly onFleet = this.fleets.event;
  /** A server runs, for the first time or again. */
  readonly onStart = this.starts.event;
  readonly keys: Keys;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly output: vscode.LogOutputChannel,
  ) {
    this.keys = new Keys(context);
  }

  get current(): Word {
    if (this.differs && this.running) {
      return { state: "old", line: this.differs };
    }
    return this.isThinking && this.word.state === "idle"
      ? { ...this.word, state: "thinking", line: "thinking of a completion" }
      : this.word;
  }

  get running(): boolean {
    return this.client?.running === true;
  }

  /** Start; never rejects: what is wrong stands in the status. */
  async start(): Promise<void> {
    try {
      await this.begin();
    } catch (error) {
      this.output.error(String(error));
      this.coming = false;
      this.say({ state: "error", line: `the extension could not start the server: ${lineOf(error)}; install it anew` });
    }
  }

  private async begin(): Promise<void> {
    this.stopping = false;
    this.coming = true;
    clearTimeout(this.timer);
    this.say({ state: "starting", line: "starting" });
    const run = ++this.runs;
    const [found, { Client }, environment] = await Promise.all([
      this.find(),
      import("./client"),
      this.keys.environment(),
    ]);
    if (run !== this.runs) {
      return; // stopped or started anew meanwhile
    }
    if (typeof found === "string") {
      this.coming = false;
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
    const client = new Client(found.command, found.args, {
      output: this.output,
      settings: given,
      environment,
      closed: (closed) => {
        if (!this.stopping && this.client === closed) {
          this.again();
        }
      },
      completing: (answer) => void this.completing(answer),
    });
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
    if (this.client !== client) {
      await client.stop(2000).catch(() => undefined); // stopped or started anew while it came up
      return;
    }
    client.onNotification("lanyard/fleetChanged", (told: { status: Status }) => {
      if (this.client === client) {
        this.say(told.status);
        this.fleets.fire();
      }
    });
    client.onNotification("lanyard/result", (told: Result) => this.results.fire(told));
    await vscode.commands.executeCommand("setContext", "lanyard.running", true);
    this.starts.fire();
    void this.askFleet(client);
  }

  async restart(): Promise<void> {
    this.restarts.forget();
    this.coming = true;
    const stopping = this.stop();
    const run = this.runs;
    await stopping;
    if (run === this.runs) {
      await this.start();
    } // else it was started, or is to end, meanwhile
  }

  /** Install the server on the user's click, then start it. */
  install(): Promise<void> {
    // A second click waits for the first one's: two installers would write over each other.
    return (this.installing ??= this.installOnce());
  }

  private async installOnce(): Promise<void> {
    const installed = await install(this.context, this.output).finally(() => {
      this.installing = undefined; // the start below may not end
    });
    if (installed) {
      await this.restart();
    }
  }

  /** Wait until a server runs. Rejects with one line where none will by itself, and where it is cancelled. */
  async there(cancel: vscode.CancellationToken): Promise<void> {
    while (!this.running) {
      if (cancel.isCancellationRequested) {
        throw new vscode.CancellationError();
      }
      if (!this.coming) {
        throw new Error(`Lanyard does not run: ${this.word.line}`);
      }
      await new Promise<void>((resolve) => {
        const news = vscode.Disposable.from(
          ...[this.onWord, this.onStart, cancel.onCancellationRequested].map((heard) =>
            heard(() => {
              news.dispose();
              resolve();
            }),
          ),
        );
      });
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
    const listening = this.client?.onPartial(token, take);
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
      const sent = this.client.sendNotification("workspace/didChangeConfiguration", { settings });
      await sent.catch((error: unknown) => this.output.warn(String(error))); // the next server is told at its start
    }
  }

  uriOf(uri: vscode.Uri): string {
    return this.client ? this.client.code2ProtocolConverter.asUri(uri) : uri.toString();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.thinking);
    void this.stop();
    this.words.dispose();
    this.results.dispose();
    this.fleets.dispose();
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

  /** From the request of a completion to its answer, which is a number of items. */
  private async completing(answer: PromiseLike<number>): Promise<void> {
    this.completions++;
    this.thinking ??= setTimeout(() => {
      this.isThinking = true;
      this.tell();
    }, THINKING_MS);
    const found = await answer.then(undefined, () => 0);
    if (--this.completions === 0) {
      clearTimeout(this.thinking);
      this.thinking = undefined;
      this.isThinking = false;
      this.tell();
    }
    if (found > 0 && !this.completed) {
      this.completed = true;
      void vscode.commands.executeCommand("setContext", "lanyard.completed", true);
    }
  }

  private async askFleet(client: Client): Promise<void> {
    try {
      const fleet = await client.sendRequest<{ status: Status }>("lanyard/fleet", null);
      if (this.client === client) {
        this.say(fleet.status);
      }
    } catch (error) {
      this.output.warn(String(error));
    }
  }

  private again(): void {
    this.client = undefined;
    this.coming = true;
    void vscode.commands.executeCommand("setContext", "lanyard.running", false);
    const wait = this.restarts.next(Date.now());
    this.say({ state: "error", line: `the server has stopped; it is started again in ${Math.ceil(wait / 1000)} s` });
    this.timer = setTimeout(() => void this.start(), wait);
  }

  private async stop(): Promise<void> {
    this.stopping = true;
    this.runs++;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    void vscode.commands.executeCommand("setContext", "lanyard.running", false);
    if (client?.running) {
      await client.stop(2000).catch(() => undefined);
    }
  }

  /** It may have been installed in a terminal meanwhile. */
  private async lookAgain(): Promise<void> {
    const run = this.runs;
    const found = await this.find();
    if (run !== this.runs) {
      return; // started or stopped meanwhile
    }
    if (typeof found !== "string") {
      await this.start();
    } else {
      this.timer = setTimeout(() => void this.lookAgain(), LOOK_AGAIN_MS);
    }
  }

  private hasLost(client: Client): boolean {
    return this.client !== client || !client.running;
  }

  private say(word: Word): void {
    this.word = { ...word, line: plain(word.line), ...(word.detail ? { detail: plain(word.detail) } : {}) };
    this.tell();
  }

  private tell(): void {
    const { state, line, detail = "" } = this.current;
    const said = `${state} ${line} ${detail}`;
    if (said !== this.said) {
      this.said = said;
      this.words.fire(this.current);
    }
  }
}
