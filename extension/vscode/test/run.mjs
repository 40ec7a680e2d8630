// The unit tests: bundled with a stand-in for VS Code (and, under server.ts, for what it starts), run by Node itself.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "lanyard-test-"));
const standIns = {
  name: "stand-ins",
  setup(bundle) {
    bundle.onResolve({ filter: /^vscode$/ }, () => ({ path: join(here, "vscode.ts") }));
    bundle.onResolve({ filter: /^\.\/(client|find|install)$/ }, ({ importer }) =>
      /[\\/]server[\\/]server\.ts$/.test(importer) ? { path: join(here, "started.ts") } : undefined,
    );
  },
};
try {
  const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => join(here, name)),
    outdir: out,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
    plugins: [standIns],
  });
  const bundled = tests.map((name) => join(out, name.replace(/\.ts$/, ".cjs")));
  const ran = spawnSync(process.execPath, ["--enable-source-maps", "--test", "--test-timeout=60000", ...bundled], { stdio: "inherit" });
  process.exitCode = ran.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
