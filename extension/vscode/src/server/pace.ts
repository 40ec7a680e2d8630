// Between the keys of a run no ghost text is asked for.

import type { CancellationToken } from "vscode";
import { pause } from "./quiet";

/** So many gaps between keys make a run. */
const RUN = 5;
/** A gap from here on ends one: it leaves time to see ghost text in. */
const SLOW_MS = 200;
const MARGIN = 1.2;

/**
 * Ghost text that the next key takes away helps nobody, but to ask a model for it, to draw it and to take it away delays
 * the next letter. In a run of keys a question waits for somewhat longer than the usual gap of the run, and is not sent
 * where a key comes first. A key that comes after a pause is asked about at once.
 */
export class Pace {
  private readonly gaps: number[] = [];
  private typedAt = -Infinity;

  /** The text has changed. */
  typed(): void {
    const now = Date.now();
    this.gaps.push(now - this.typedAt);
    this.gaps.splice(0, this.gaps.length - RUN);
    this.typedAt = now;
  }

  /** Wait for the end of the run; false where a key came first. */
  async over(token: CancellationToken): Promise<boolean> {
    const isRun = this.gaps.length === RUN && this.gaps.every((gap) => gap < SLOW_MS);
    const usual = this.gaps.toSorted((a, b) => a - b)[Math.floor(RUN / 2)] ?? 0;
    const wait = isRun ? this.typedAt + Math.min(SLOW_MS, MARGIN * usual) - Date.now() : 0;
    await (wait > 0 ? pause(wait, token).catch(() => undefined) : undefined);
    return !token.isCancellationRequested;
  }
}
