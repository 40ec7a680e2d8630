// What the chat's page and the extension tell each other.

import type { Turn } from "../protocol";

export interface Chip {
  label: string;
  tokens: number;
  title: string;
}

/** What was said of the last answer. */
export interface Note {
  kind: "note" | "failed";
  line: string;
}

/** To the page. */
export type Shown =
  | { is: "state"; turns: Turn[]; chips: Chip[]; busy: boolean; status: string; note?: Note }
  | { is: "part"; text: string }
  | { is: "end"; turn: Turn; note: string }
  | { is: "failed"; line: string }
  | { is: "chips"; chips: Chip[] }
  | { is: "status"; status: string }
  | { is: "focus" };

/** From the page. */
export type Done =
  | { is: "ready" }
  | { is: "send"; text: string }
  | { is: "stop" }
  | { is: "insert" | "copy" | "diff"; code: string }
  | { is: "drop"; index: number }
  | { is: "attach" };
