// Bundles into dist/: the extension, its language client (which the extension loads when it starts the server, so that
// activation does not), the chat's page.
import { build } from "esbuild";

const shared = { bundle: true, minify: true, sourcemap: false, logLevel: "warning", legalComments: "none" };
const node = {
  ...shared,
  external: ["vscode"],
  platform: "node",
  format: "cjs",
  target: "node20",
  supported: { "dynamic-import": false }, // becomes require(), by which VS Code gives an extension its API
};
await build({ ...node, entryPoints: ["src/extension.ts"], external: ["vscode", "./client"], outfile: "dist/extension.js" });
await build({ ...node, entryPoints: ["src/server/client.ts"], outfile: "dist/client.js" });
await build({
  ...shared,
  entryPoints: ["src/chat/page/main.ts"],
  outfile: "dist/chat.js",
  platform: "browser",
  format: "iife",
  target: "es2022",
});
