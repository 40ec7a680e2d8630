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

  static from({ scheme, path }: { scheme: string; path: string }): Uri {
    return new Uri(`${scheme}:${encodeURI(path)}`);
  }

  get scheme(): string {
    return this.text.slice(0, this.text.indexOf(":"));
  }

  get fsPath(): string {
    return decodeURIComponent(this.text.replace(/^[\w+.-]+:(\/\/)?/, ""));
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
export const changed = new EventEmitter<unknown>();
export const workspace = {
  getConfiguration: (() => ({ get: (_name: string, fallback?: unknown) => fallback })) as (
    section?: unknown,
    scope?: unknown,
  ) => { get(name: string, fallback?: unknown): unknown },
  applyEdit: () => new Promise<boolean>((resolve, reject) => edits.push({ resolve, reject })),
  registerTextDocumentContentProvider: (name: string, provider: unknown): Disposable => provide(name, provider),
  onDidChangeTextDocument: changed.event,
  onDidCloseTextDocument: new EventEmitter<unknown>().event,
  workspaceFolders: [] as { uri: Uri }[],
  fs: {
    stat: (uri: Uri): Promise<void> => (files.has(uri.fsPath) ? Promise.resolve() : Promise.reject(new Error("no such file"))),
  },
};
/** The Markdown of comments that were shown, and the threads that are. */
export const shown: string[] = [];
export const zones = new Set<object>();

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
export const ViewColumn = { Beside: -2 };
export const CommentMode = { Preview: 1 };
export const comments = {
  createCommentController: () => ({
    createCommentThread: (uri: Uri, range: Range) => {
      const thread = {
        uri,
        range,
        set comments(given: { body: MarkdownString }[]) {
          shown.push(...given.map(({ body }) => body.value));
        },
        dispose: () => zones.delete(thread),
      };
      zones.add(thread);
      return thread;
    },
    dispose: () => undefined,
  }),
};
export const chat = {
  createChatParticipant: (name: string, heard: unknown): { dispose(): void } => provide(`@${name}`, heard),
};
export class ChatRequestTurn {
  constructor(readonly prompt: string) {}
}
export class ChatResponseTurn {
  constructor(readonly response: unknown[]) {}
}
export class ChatResponseMarkdownPart {
  readonly value: { value: string };

  constructor(value: string) {
    this.value = { value };
  }
}
export class Location {
  constructor(
    readonly uri: Uri,
    readonly range: Range,
  ) {}
}
export const languages = {
  getDiagnostics: (): unknown[] => [],
  onDidChangeDiagnostics: new EventEmitter<void>().event,
  registerCodeLensProvider: (_: unknown, provider: unknown): Disposable => provide("lenses", provider),
};
export class CodeLens {
  constructor(
    readonly range: Range,
    readonly command: { title: string; command: string; arguments?: unknown[] },
  ) {}
}
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export class TreeItem {
  constructor(readonly label: string) {}
}
export class ThemeIcon {
  constructor(readonly id: string) {}
}
export class TabInputTextDiff {
  constructor(readonly modified: Uri) {}
}
export class WorkspaceEdit {
  replace(): void {
    // The test decides what becomes of it.
  }
}
/** How an edit of the workspace ends: the test decides. */
export const edits: { resolve: (taken: boolean) => void; reject: (why: Error) => void }[] = [];
export const tree = { visible: false, shown: undefined as unknown };
export const window = {
  activeTextEditor: undefined as unknown,
  visibleTextEditors: [] as unknown[],
  showInformationMessage: say,
  showWarningMessage: say,
  registerWebviewViewProvider: provide,
  createTextEditorDecorationType: () => ({}),
  tabGroups: { all: [], close: (): Promise<void> => Promise.resolve() },
  onDidChangeVisibleTextEditors: new EventEmitter<void>().event,
  onDidChangeActiveTextEditor: new EventEmitter<void>().event,
  createTreeView: (_: string, options: { treeDataProvider: unknown }) => ({
    get visible() {
      return tree.visible;
    },
    shown: (tree.shown = options.treeDataProvider),
    selection: [],
    onDidChangeVisibility: new EventEmitter<void>().event,
    dispose: () => undefined,
  }),
};
