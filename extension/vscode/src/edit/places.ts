// Where pieces of a document are while it is edited: by offsets, checked against what stood there.

export interface Change {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

/** A piece of a document that follows the edits before it and grows with the edits inside it. */
export class Place {
  private readonly old: string;
  private lost = false;

  constructor(
    text: string,
    public start: number,
    public end: number,
  ) {
    this.old = text.slice(start, end);
  }

  /** Follow one edit. */
  follow(change: Change): void {
    const [from, to] = [change.rangeOffset, change.rangeOffset + change.rangeLength];
    const by = change.text.length - change.rangeLength;
    // What is put at the very start belongs to what comes before only where it is whole lines.
    const before = to < this.start || (to === this.start && (change.text === "" || change.text.endsWith("\n") || this.old === ""));
    if (before) {
      this.start += by;
      this.end += by;
    } else if (from >= this.end && (this.old.endsWith("\n") || from > this.end)) {
      return;
    } else if (from >= this.start && to <= this.end) {
      this.end += by;
    } else {
      this.lost = true;
    }
  }

  /** Whether the text there is what it was; after an undo it is again. */
  intact(text: string): boolean {
    return !this.lost && text.slice(this.start, this.end) === this.old;
  }
}

/** The last states of a document, to find what an answer's version meant. */
export class History {
  private readonly states: { version: number; text: string; changes: readonly Change[] }[] = [];

  constructor(version: number, text: string) {
    this.states.push({ version, text, changes: [] });
  }

  add(version: number, text: string, changes: readonly Change[]): void {
    this.states.push({ version, text, changes });
    if (this.states.length > 32) {
      this.states.shift();
    }
  }

  /** The text of a version, and what changed since; undefined where it is too long ago. */
  since(version: number): { text: string; changes: Change[] } | undefined {
    const at = this.states.findIndex((state) => state.version === version);
    const state = this.states[at];
    return state && { text: state.text, changes: this.states.slice(at + 1).flatMap((later) => later.changes) };
  }
}
