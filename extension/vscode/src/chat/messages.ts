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

/** Characters of one message that the server takes; of a longer one every later question of its chat would fail. */
const LONGEST = 400_000;

/** Why a question cannot be asked, with the next step; empty where it can. */
export function refused(question: string): string {
  const length = question.length > LONGEST ? Array.from(question).length : 0; // the server counts as Python does
  return length > LONGEST
    ? `The question has ${length.toLocaleString("en")} characters, and ${LONGEST.toLocaleString("en")} go at once: shorten it, or save the text as a file and name it as @path.`
    : "";
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
