// Chats of a workspace, kept in a file of the extension's own storage: what is written there outlives a window that
// closes at once, which VS Code's own store in a browser does not.

import * as vscode from "vscode";
import type { Turn } from "../protocol";
import { lineOf } from "../say";

const NAME = "chats.json";
const KEPT = 50;
const LONGEST = 400_000;

export interface Chat {
  id: string;
  turns: Turn[];
  at: number;
}

export class History {
  private last: Promise<unknown> = Promise.resolve();
  private said = "";

  /** `folder` need not exist; `warn` is told in one line what could not be kept, once for each reason. */
  constructor(
    private readonly folder: vscode.Uri,
    private readonly warn: (line: string) => void,
  ) {}

  /** The newest first; another window may have kept more meanwhile. */
  async all(): Promise<Chat[]> {
    await this.last;
    return this.read();
  }

  /** Keep a chat as it is now; what is too long or too old goes. Never rejects. */
  keep(chat: Chat): Promise<void> {
    const now = { ...chat, turns: [...chat.turns], at: Date.now() };
    const kept = this.last.then(() => this.write(now));
    this.last = kept;
    return kept;
  }

  fresh(): Chat {
    return { id: `${Date.now()}-${Math.random().toString(36).slice(2)}`, turns: [], at: Date.now() };
  }

  private async write(chat: Chat): Promise<void> {
    const size = chat.turns.reduce((sum, turn) => sum + turn.content.length, 0);
    try {
      const others = (await this.read()).filter((one) => one.id !== chat.id);
      if (chat.turns.length > 0 && size <= LONGEST) {
        others.unshift(chat);
      }
      await vscode.workspace.fs.createDirectory(this.folder);
      const whole = vscode.Uri.joinPath(this.folder, `${NAME}.${chat.id}`);
      await vscode.workspace.fs.writeFile(whole, new TextEncoder().encode(JSON.stringify(others.slice(0, KEPT))));
      await vscode.workspace.fs.rename(whole, this.file, { overwrite: true });
      this.said = "";
    } catch (error) {
      const line = `Lanyard could not keep this chat: ${lineOf(error)}`;
      if (line !== this.said) {
        this.said = line;
        this.warn(line);
      }
    }
  }

  private async read(): Promise<Chat[]> {
    let written: Uint8Array;
    try {
      written = await vscode.workspace.fs.readFile(this.file);
    } catch {
      return []; // none was kept yet
    }
    try {
      const found: unknown = JSON.parse(new TextDecoder().decode(written));
      return Array.isArray(found) ? found.filter(isChat) : [];
    } catch {
      // Someone else wrote it; it is left to them, beside ours.
      const aside = vscode.Uri.joinPath(this.folder, `${NAME}.broken`);
      await vscode.workspace.fs.rename(this.file, aside, { overwrite: true }).then(undefined, () => undefined);
      return [];
    }
  }

  private get file(): vscode.Uri {
    return vscode.Uri.joinPath(this.folder, NAME);
  }
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
