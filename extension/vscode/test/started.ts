// In place of what server.ts starts: clients whose start and end the test decides, and a place where `lanyard` is or not.

import { type Disposable, type MessageConnection, ProgressType } from "vscode-jsonrpc/node";
import type { Surroundings } from "../src/server/client";

export const clients: Client[] = [];
type Found = { command: string; args: string[]; version: string } | string;
export const place: { found: Found | Promise<Found> } = { found: "" };

export class Client {
  running = false;
  stops = 0;
  /** The test decides when it has stopped. */
  stopsSlowly = false;
  stopped: () => void = () => undefined;
  /** Where the test has one, requests and what is heard go over it, as the language client has them go. */
  connection: MessageConnection | undefined;
  readonly asked: string[] = [];
  private readonly started: { resolve: () => void; reject: (why: Error) => void }[] = [];

  constructor(
    readonly command: string,
    readonly args: string[],
    readonly around: Surroundings,
  ) {
    clients.push(this);
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => this.started.push({ resolve, reject }));
  }

  stop(): Promise<void> {
    this.running = false;
    this.stops++;
    return this.stopsSlowly ? new Promise((resolve) => (this.stopped = resolve)) : Promise.resolve();
  }

  onNotification(method: string, heard: (told: never) => void): Disposable {
    return this.connection?.onNotification(method, heard as () => void) ?? { dispose: () => undefined };
  }

  onPartial(token: string, take: (part: { text?: string }) => void): Disposable | undefined {
    return this.connection?.onProgress(new ProgressType<{ text?: string }>(), token, take);
  }

  sendRequest(method: string, params: unknown): Promise<unknown> {
    this.asked.push(method);
    return this.connection?.sendRequest(method, params) ?? Promise.resolve({ status: { state: "idle", line: "ready" } });
  }

  sendNotification(): Promise<void> {
    return this.running ? Promise.resolve() : Promise.reject(new Error("the connection is closed"));
  }

  /** The server answers. */
  comesUp(): void {
    this.running = true;
    this.started.forEach((one) => one.resolve());
  }

  failsToStart(): void {
    this.started.forEach((one) => one.reject(new Error("it ended at once")));
  }

  /** The server has ended by itself. */
  dies(): void {
    this.running = false;
    this.around.closed(this as never);
  }
}

export const findServer = (): Promise<unknown> => Promise.resolve(place.found);
export const versionOf = (): Promise<string> => Promise.resolve("");
export const compatible = (): boolean => true;
/** Installers that run; the test decides when each is done. */
export const installs: ((done: boolean) => void)[] = [];
export const install = (): Promise<boolean> => new Promise((resolve) => installs.push(resolve));
export const ownCommand = (): string => "";
