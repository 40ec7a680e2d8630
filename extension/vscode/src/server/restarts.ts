// How long to wait before a server that has died is started again.

const FIRST_MS = 500;
const LONGEST_MS = 60_000;
const CALM_MS = 120_000;

/** Doubles with each death, and begins anew after a calm while. */
export class Restarts {
  private waits = 0;
  private diedAt = 0;

  /** The pause before the next start, in milliseconds. */
  next(now: number): number {
    if (now - this.diedAt > CALM_MS) {
      this.waits = 0;
    }
    this.diedAt = now;
    return Math.min(FIRST_MS * 2 ** this.waits++, LONGEST_MS);
  }

  forget(): void {
    this.waits = 0;
  }
}
