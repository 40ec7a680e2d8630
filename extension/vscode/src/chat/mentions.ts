// The files that a question names as `@path` or `@path:3-10`, however the sentence goes on after them.

import * as vscode from "vscode";
import type { ContextItem } from "../protocol";

const MENTION = /(?<![\p{L}\p{N}_`/])@([^\s`"'<>]{1,500})/gu;
const PLACE = /^(.*?)(?::(\d{1,7})(?:-(\d{1,7}))?)?$/;
const A_WORD = /[\p{L}\p{N}_]/u;
/** So many words are looked for on the disk, each without up to so many signs at its end. */
const WORDS = 100;
const SIGNS = 4;

/** Those that are in the workspace, each once; any other `@word` is just text. */
export async function mentioned(text: string, uriOf: (uri: vscode.Uri) => string): Promise<ContextItem[]> {
  const found = new Map<string, ContextItem>();
  for (const [, word = ""] of [...text.matchAll(MENTION)].slice(0, WORDS)) {
    const item = await named(word, uriOf);
    if (item) {
      found.set(JSON.stringify(item), item);
    }
  }
  return [...found.values()];
}

async function named(word: string, uriOf: (uri: vscode.Uri) => string): Promise<ContextItem | undefined> {
  for (let signs = 0, rest = word; signs <= SIGNS && A_WORD.test(rest); signs++, rest = rest.slice(0, -1)) {
    const [, path = "", first, last] = PLACE.exec(rest) ?? [];
    const uri = await inWorkspace(path.replaceAll("\\", "/"));
    if (uri) {
      return { uri: uriOf(uri), ...lines(Number(first ?? 0), Number(last ?? 0)) };
    }
    if (A_WORD.test(rest.slice(-1))) {
      break;
    }
  }
  return undefined;
}

async function inWorkspace(path: string): Promise<vscode.Uri | undefined> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, path);
    try {
      await vscode.workspace.fs.stat(uri);
      return uri;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Lines count from 1; 0 is none. */
function lines(first: number, last: number): Pick<ContextItem, "range"> {
  const end = { line: Math.max(first, last), character: 0 };
  return first > 0 ? { range: { start: { line: first - 1, character: 0 }, end } } : {};
}
