// Bundles the extension and the chat's page into dist/.
import { build } from "esbuild";

const shared = { bundle: true, minify: true, sourcemap: false, logLevel: "warning", legalComments: "none" };
await build({
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  external: ["vscode"],
  platform: "node",
  format: "cjs",
  target: "node20",
});
await build({
  ...shared,
  entryPoints: ["src/chat/page/main.ts"],
  outfile: "dist/chat.js",
  platform: "browser",
  format: "iife",
  target: "es2022",
});
