// Chats of a workspace, kept in its own storage.

import type * as vscode from "vscode";
import type { Turn } from "../protocol";

const KEY = "lanyard.chats";
const KEPT = 50;
const LONGEST = 400_000;

export interface Chat {
  id: string;
  turns: Turn[];
  at: number;
}

export class History {
  constructor(private readonly store: vscode.Memento) {}

  /** The newest first. */
  all(): Chat[] {
    return this.store.get<Chat[]>(KEY, []);
  }

  /** Keep a chat as it is now; what is too long or too old goes. */
  async keep(chat: Chat): Promise<void> {
    const size = chat.turns.reduce((sum, turn) => sum + turn.content.length, 0);
    const others = this.all().filter((one) => one.id !== chat.id);
    if (chat.turns.length > 0 && size <= LONGEST) {
      others.unshift({ ...chat, at: Date.now() });
    }
    await this.store.update(KEY, others.slice(0, KEPT));
  }

  fresh(): Chat {
    return { id: `${Date.now()}-${Math.random().toString(36).slice(2)}`, turns: [], at: Date.now() };
  }
}

/** What a chat is called in a list. */
export function titleOf(chat: Chat): string {
  const first = chat.turns[0]?.content.replace(/\s+/g, " ").trim() ?? "";
  return first.length > 60 ? `${first.slice(0, 59)}…` : first || "empty chat";
}
