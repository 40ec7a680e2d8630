// Processor time of what a code-server runs, in milliseconds by kind of process. Reads /proc, so Linux alone.
import { readdirSync, readFileSync } from "node:fs";

const TICK_MS = 10; // the clock of /proc/PID/stat
const KINDS = [
  ["index", "lanyard_server.index"],
  ["server", "lanyard\0serve"],
  ["extension host", "--type=extensionHost"],
];

/** Of all processes that have come from the code-server at an address; those of no kind are the code-server's own. */
export function processorTimes(url) {
  const all = processes();
  const folder = new URL(url).searchParams.get("folder");
  const own = all.filter(({ line }) => line.includes("--bind-addr\0") && line.includes(`\0${folder}\0`));
  const main = own.find(({ parent }) => !own.some(({ pid }) => pid === parent));
  const family = new Set([main?.pid]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    all.filter(({ parent }) => family.has(parent)).forEach(({ pid }) => family.add(pid));
  }
  const times = {};
  for (const { line, ms } of all.filter(({ pid }) => family.has(pid))) {
    const kind = KINDS.find(([, sign]) => line.includes(sign))?.[0] ?? "code-server";
    times[kind] = (times[kind] ?? 0) + ms;
  }
  return times;
}

function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return [{ pid: Number(pid), parent: Number(stat[1]), line, ms: (Number(stat[11]) + Number(stat[12])) * TICK_MS }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}
