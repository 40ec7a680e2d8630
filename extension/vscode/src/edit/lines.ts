// Old and new lines beside each other: which went, which came, which stayed.

export interface Compared {
  /** The new lines, each with whether it came. */
  now: { text: string; came: boolean }[];
  /** The old lines that went, by their index. */
  went: number[];
}

const MOST = 1_000_000;

/** Compare by lines. While the new ones are still coming, what follows the last line found again has not gone yet. */
export function compare(old: readonly string[], now: readonly string[], state: "coming" | "whole"): Compared {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) {
    head++;
  }
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) {
    tail++;
  }
  const kept = new Map<number, number>();
  for (let at = 0; at < head; at++) {
    kept.set(at, at);
  }
  for (const [mine, theirs] of longest(old.slice(head, old.length - tail), now.slice(head, now.length - tail))) {
    kept.set(mine + head, theirs + head);
  }
  for (let at = 1; at <= tail; at++) {
    kept.set(now.length - at, old.length - at);
  }
  const stayed = new Set(kept.values());
  const until = state === "whole" ? old.length : Math.max(-1, ...stayed) + 1;
  return {
    now: now.map((text, at) => ({ text, came: !kept.has(at) })),
    went: [...old.keys()].filter((at) => at < until && !stayed.has(at)),
  };
}

/** The longest common lines: pairs of (index in the new, index in the old). Nothing where that would take too long. */
function longest(old: readonly string[], now: readonly string[]): [number, number][] {
  const width = now.length + 1;
  if (old.length * now.length > MOST) {
    return [];
  }
  const lengths = new Uint32Array((old.length + 1) * width);
  const of = (mine: number, theirs: number): number => lengths[theirs * width + mine] ?? 0;
  for (let theirs = old.length - 1; theirs >= 0; theirs--) {
    for (let mine = now.length - 1; mine >= 0; mine--) {
      lengths[theirs * width + mine] =
        old[theirs] === now[mine] ? of(mine + 1, theirs + 1) + 1 : Math.max(of(mine + 1, theirs), of(mine, theirs + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let [mine, theirs] = [0, 0]; mine < now.length && theirs < old.length; ) {
    if (old[theirs] === now[mine]) {
      pairs.push([mine++, theirs++]);
    } else if (of(mine + 1, theirs) > of(mine, theirs + 1)) {
      mine++;
    } else {
      theirs++;
    }
  }
  return pairs;
}
