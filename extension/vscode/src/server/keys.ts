// Keys of model servers: kept in VS Code's secret storage and given to the server's environment, under the names that
// the configuration's `api_key_env` has. They stand in no file, no setting and no log of Lanyard's.

import * as vscode from "vscode";
import type { Fleet, Key } from "../protocol";
import { attempt } from "../say";
import type { Server } from "./server";

const NAMES = "lanyard.keys";
/** How long the secret storage may take: the server starts without a key that a locked key ring does not give. */
const READ_MS = 5000;
const VALID = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class Keys {
  constructor(private readonly context: Pick<vscode.ExtensionContext, "secrets" | "globalState">) {}

  get names(): readonly string[] {
    return this.context.globalState.get<string[]>(NAMES, []);
  }

  /** What the server's environment gets. A key that cannot be read any more is left out: the server says which. */
  async environment(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    await Promise.all(
      this.names.map(async (name) => {
        const key = await this.read(name);
        if (key) {
          found[name] = key;
        }
      }),
    );
    return found;
  }

  private async read(name: string): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), READ_MS);
    });
    const key = this.context.secrets.get(`key.${name}`).then(undefined, () => undefined);
    try {
      return await Promise.race([key, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Keep a key, or forget it where it is empty. */
  async keep(name: string, key: string): Promise<void> {
    const others = this.names.filter((one) => one !== name);
    if (key) {
      await this.context.secrets.store(`key.${name}`, key);
      await this.context.globalState.update(NAMES, [...others, name].sort());
    } else {
      await this.context.secrets.delete(`key.${name}`);
      await this.context.globalState.update(NAMES, others);
    }
  }
}

/** The command that asks for a key; the server is started anew with it. */
export function keyCommand(keys: Keys, server: Server): vscode.Disposable {
  return vscode.commands.registerCommand("lanyard.key.set", (given?: string) =>
    attempt(async () => {
      const name = given ?? (await whichName(keys, server));
      if (!name) {
        return;
      }
      const key = await vscode.window.showInputBox({
        title: `Key for ${name}`,
        prompt: "Kept in VS Code's secret storage, and given to the server's environment alone. Empty: it is forgotten.",
        password: true,
        ignoreFocusOut: true,
      });
      if (key === undefined) {
        return;
      }
      await keys.keep(name, key.trim());
      await server.restart();
      void vscode.window.showInformationMessage(key.trim() ? `The key for ${name} is kept.` : `The key for ${name} is forgotten.`);
    }),
  );
}

async function whichName(keys: Keys, server: Server): Promise<string | undefined> {
  const fleet = await server.ask<Fleet>("lanyard/fleet", null).then(undefined, () => undefined);
  const named = new Map<string, Key | undefined>(keys.names.map((name) => [name, undefined]));
  for (const key of fleet?.keys ?? []) {
    named.set(key.name, key);
  }
  const kept = new Set(keys.names);
  const entries = [...named].map(([label, key]) => ({
    label,
    description: kept.has(label) ? "kept here" : key?.isSet ? "set in the environment" : "missing",
  }));
  const another = { label: "Another Name…", description: "that stands in an endpoint's api_key_env" };
  const chosen =
    entries.length > 0 ? await vscode.window.showQuickPick([...entries, another], { title: "The Key of Which Name?" }) : another;
  if (chosen !== another) {
    return chosen?.label;
  }
  return vscode.window.showInputBox({
    title: "Name of the Key",
    prompt: "The name that an endpoint of your configuration has in api_key_env",
    placeHolder: "CELLAR_KEY",
    ignoreFocusOut: true,
    validateInput: (text) => (VALID.test(text) ? undefined : "Letters, digits and _ only, no digit first; not the key itself"),
  });
}
