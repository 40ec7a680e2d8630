// What the server speaks beyond LSP; docs/protocol.md has the words.

export interface Status {
  state: "idle" | "starting" | "queued" | "working" | "error";
  line: string;
  /** Where the fleet is well but not whole: what is wrong, with the next step. */
  detail?: string;
}

export interface Model {
  name: string;
  size: string;
  zone: string;
  context: number;
  capabilities: string[];
}

export interface Worker {
  name: string;
  url: string;
  zone: string;
  condition: string;
  why: string;
  slots: number;
  busy: number;
  models: Model[];
}

/** The name of an environment variable that an endpoint's key is read from. */
export interface Key {
  name: string;
  isSet: boolean;
}

export interface Task {
  id: string;
  title: string;
  kind: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  worker: string;
  model: string;
  position: number;
  why: string;
  workspace: string;
  submittedAt: number;
  promptTokens: number;
}

export interface Fleet {
  status: Status;
  workers: Worker[];
  tasks: Task[];
  problems: string[];
  keys: Key[];
}

export interface Hunk {
  index: number;
  firstLine: number;
  before: string;
  after: string;
}

export interface Proposal {
  id: string;
  title: string;
  uri: string;
  new: boolean;
  before: string;
  after: string;
  evidence: string;
  hunks: Hunk[];
}

export interface Result {
  kind: "proposal" | "review";
  id: string;
  uri: string;
  line: string;
}

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface InlineEdit {
  uri: string;
  version: number;
  edits: { range: Range; newText: string }[];
  checks: string[];
  problems: string[];
  worker: string;
  model: string;
}

export interface Turn {
  role: "user" | "assistant";
  content: string;
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: object;
}

/** A message of a conversation in which tools are called. */
export type Message =
  | { role: "user" | "system"; content: string }
  | { role: "assistant"; content: string; calls?: ToolCall[] }
  | { role: "tool"; call: string; content: string };

export interface ChatAnswer {
  message: Turn & { calls?: ToolCall[] };
  model: string;
  worker: string;
  finish: string;
  usage: { completionTokens: number; promptTokens: number; tokensPerS: number };
  problems: string[];
}

export interface ContextItem {
  uri: string;
  range?: Range;
}
