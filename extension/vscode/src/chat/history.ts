// Chats of a workspace, each in a file of its own in the extension's storage: windows that share a workspace do not
// write over each other's, and what is written there outlives a window that closes at once, which VS Code's own store in
// a browser does not. By Node, as VS Code's own `rename` deletes the old file before, from the window.

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Uri } from "vscode";
import type { Turn } from "../protocol";
import { lineOf } from "../say";

const FOLDER = "chats";
const NAME = /^\d+-[a-z0-9]+\.json$/;
const KEPT = 50;

export interface Chat {
  id: string;
  turns: Turn[];
  at: number;
}

export class History {
  private readonly folder: string;
  private last: Promise<unknown> = Promise.resolve();
  private said = "";

  /** `storage` need not exist; `warn` is told in one line what could not be kept, once for each reason. */
  constructor(
    storage: Pick<Uri, "fsPath">,
    private readonly warn: (line: string) => void,
  ) {
    this.folder = join(storage.fsPath, FOLDER);
  }

  /** The newest first; another window may have kept more meanwhile. */
  async all(): Promise<Chat[]> {
    await this.last;
    const found = await Promise.all((await this.files()).map((name) => this.read(name)));
    return found.filter((one) => one !== undefined).sort((a, b) => b.at - a.at);
  }

  /**
   * Keep a chat as it is now; of too many the oldest go. Never rejects. Where another window has gone on with it in
   * other words, both stay: this one goes on under a new id.
   */
  keep(chat: Chat): Promise<void> {
    const turns = [...chat.turns];
    const kept = this.last.then(() => this.write(chat, turns));
    this.last = kept;
    return kept;
  }

  fresh(): Chat {
    return { id: freshId(), turns: [], at: Date.now() };
  }

  private async write(chat: Chat, turns: Turn[]): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const there = (await this.read(`${chat.id}.json`))?.turns ?? [];
      if (!begins(there, turns)) {
        chat.id = freshId();
      }
      const whole = join(this.folder, `${chat.id}.${process.pid}`);
      await writeFile(whole, JSON.stringify({ id: chat.id, turns, at: Date.now() }));
      await rename(whole, join(this.folder, `${chat.id}.json`));
      await this.tidy();
      this.said = "";
    } catch (error) {
      const line = `Lanyard could not keep this chat: ${lineOf(error)}`;
      if (line !== this.said) {
        this.said = line;
        this.warn(line);
      }
    }
  }

  private async tidy(): Promise<void> {
    const names = await this.files();
    if (names.length > KEPT) {
      const written = async (name: string): Promise<number> => (await stat(join(this.folder, name))).mtimeMs;
      const dated = await Promise.all(names.map(async (name) => ({ name, at: await written(name).catch(() => 0) })));
      const old = dated.sort((a, b) => b.at - a.at).slice(KEPT);
      await Promise.all(old.map(({ name }) => rm(join(this.folder, name), { force: true })));
    }
  }

  private async files(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []); // none was kept yet
    return names.filter((name) => NAME.test(name));
  }

  /** Undefined where there is none, or what someone else has written; it is left to them. */
  private async read(name: string): Promise<Chat | undefined> {
    try {
      const found: unknown = JSON.parse(await readFile(join(this.folder, name), "utf8"));
      return isChat(found) && `${found.id}.json` === name ? found : undefined;
    } catch {
      return undefined;
    }
  }
}

function freshId(): string {
  return `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** Whether the one conversation is where the other began. */
function begins(one: readonly Turn[], other: readonly Turn[]): boolean {
  return one.every(({ role, content }, at) => other[at]?.role === role && other[at].content === content);
}

function isChat(one: unknown): one is Chat {
  const chat = one as Partial<Chat> | null;
  const isTurn = (turn: unknown): boolean => {
    const { role, content } = (turn ?? {}) as Partial<Turn>;
    return typeof content === "string" && (role === "user" || role === "assistant");
  };
  return typeof chat?.id === "string" && typeof chat.at === "number" && Array.isArray(chat.turns) && chat.turns.every(isTurn);
}

/** What a chat is called in a list. */
export function titleOf(chat: Chat): string {
  const first = chat.turns[0]?.content.replace(/\s+/g, " ").trim() ?? "";
  return first.length > 60 ? `${first.slice(0, 59)}…` : first || "empty chat";
}
