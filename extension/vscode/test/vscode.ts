// What the tested modules use of VS Code, as little of it as they use.

type Listener<T> = (value: T) => unknown;

export class Disposable {
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }

  constructor(private readonly end: () => unknown) {}

  dispose(): void {
    this.end();
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };

  fire(value: T): void {
    [...this.listeners].forEach((listener) => listener(value));
  }

  dispose(): void {
    this.listeners.clear();
  }
}

export class CancellationError extends Error {}

export class CancellationTokenSource {
  private readonly cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.cancelled.event };

  cancel(): void {
    this.token.isCancellationRequested = true;
    this.cancelled.fire();
  }
}

export class Uri {
  private constructor(private readonly text: string) {}

  static parse(text: string): Uri {
    return new Uri(text);
  }

  static file(path: string): Uri {
    return new Uri(`file://${path}`);
  }

  get fsPath(): string {
    return decodeURIComponent(this.text.replace(/^\w+:\/\//, ""));
  }

  toString(): string {
    return this.text;
  }
}

export const commands = { executeCommand: (): Promise<void> => Promise.resolve() };
export const workspace = { getConfiguration: () => ({ get: (_name: string, fallback: unknown) => fallback }) };
export const window = { showWarningMessage: (): void => undefined };
