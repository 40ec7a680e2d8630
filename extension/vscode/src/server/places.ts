// The folders into which uv and pipx put the commands of what they install. It looks at no disk.

import { join } from "node:path";

/**
 * What the user chose first. Both take `.local/bin` of the home folder on every platform where nothing else is said.
 * uv: docs.astral.sh/uv/reference/storage; pipx 1.18: `pipx environment --value PIPX_BIN_DIR`.
 */
export function toolFolders(env: Readonly<Record<string, string | undefined>>, home: string): string[] {
  const folders: string[] = [];
  for (const name of ["UV_TOOL_BIN_DIR", "PIPX_BIN_DIR", "XDG_BIN_HOME", "XDG_DATA_HOME"]) {
    const chosen = env[name]?.trim().replace(/^~(?=$|[/\\])/, home);
    if (chosen) {
      folders.push(name === "XDG_DATA_HOME" ? join(chosen, "..", "bin") : chosen);
    }
  }
  return [...folders, join(home, ".local", "bin")];
}
