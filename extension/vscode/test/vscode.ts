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

  dispose(): void {
    this.cancelled.dispose();
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

  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri([base.text.replace(/\/$/, ""), ...parts.map(encodeURI)].join("/"));
  }

  get path(): string {
    return this.fsPath;
  }

  toString(): string {
    return this.text;
  }
}

/** What was registered by name, and what was said: for the tests. */
export const registered = new Map<string, (...given: never[]) => unknown>();
export const provided = new Map<string, unknown>();
export const told: string[] = [];
/** Files that are there, by their path. */
export const files = new Set<string>();

const say = (line: string): Promise<undefined> => {
  told.push(line);
  return Promise.resolve(undefined);
};
const provide = (name: string, provider: unknown): Disposable => {
  provided.set(name, provider);
  return new Disposable(() => provided.delete(name));
};

export const commands = {
  executeCommand: (): Promise<void> => Promise.resolve(),
  registerCommand: (name: string, run: (...given: never[]) => unknown): Disposable => {
    registered.set(name, run);
    return new Disposable(() => registered.delete(name));
  },
};
export const workspace = {
  getConfiguration: () => ({ get: (_name: string, fallback: unknown) => fallback }),
  workspaceFolders: [] as { uri: Uri }[],
  fs: {
    stat: (uri: Uri): Promise<void> => (files.has(uri.fsPath) ? Promise.resolve() : Promise.reject(new Error("no such file"))),
  },
};
/** The Markdown of comments that were shown. */
export const shown: string[] = [];

export class MarkdownString {
  isTrusted: unknown;

  constructor(readonly value = "") {}
}
export class Range {
  constructor(
    readonly start: { line: number },
    readonly end: { line: number },
  ) {}
}
export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export const CommentThreadState = { Resolved: 1 };
export const CommentThreadCollapsibleState = { Expanded: 1 };
export const CommentMode = { Preview: 1 };
export const comments = {
  createCommentController: () => ({
    createCommentThread: (uri: Uri, range: Range) => ({
      uri,
      range,
      set comments(given: { body: MarkdownString }[]) {
        shown.push(...given.map(({ body }) => body.value));
      },
      dispose: () => undefined,
    }),
    dispose: () => undefined,
  }),
};
export const window = {
  activeTextEditor: undefined as unknown,
  visibleTextEditors: [] as unknown[],
  showInformationMessage: say,
  showWarningMessage: say,
  registerWebviewViewProvider: provide,
  createTextEditorDecorationType: () => ({}),
  createTreeView: () => ({
    visible: false,
    selection: [],
    onDidChangeVisibility: new EventEmitter<void>().event,
    dispose: () => undefined,
  }),
};
