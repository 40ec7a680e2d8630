// In place of what server.ts starts: clients whose start and end the test decides, and a place where `lanyard` is or not.

import type { Surroundings } from "../src/server/client";

export const clients: Client[] = [];
export const place: { found: { command: string; args: string[]; version: string } | string } = { found: "" };

export class Client {
  running = false;
  stops = 0;
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
    return Promise.resolve();
  }

  onNotification(): void {
    // The tests send none.
  }

  sendRequest(method: string): Promise<unknown> {
    this.asked.push(method);
    return Promise.resolve({ status: { state: "idle", line: "ready" } });
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
export const install = (): Promise<boolean> => Promise.resolve(false);
export const ownCommand = (): string => "";
