// Results: a notification with what can be done, the diff of a proposal, Apply by hunk.

import * as vscode from "vscode";
import type { Proposal, Result } from "../protocol";
import { attempt } from "../say";
import type { Server } from "../server/server";
import { type Side, chooseHunk, hunkAt, isDrawn, markHunks, placesOf } from "./hunks";

const SCHEME = "lanyard-proposal";

/** Both sides of a proposal as documents: `lanyard-proposal:/<id>/<side>/<file name>`. */
class Sides implements vscode.TextDocumentContentProvider {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, Proposal>();
  private readonly reads = new Map<string, number>();
  readonly onDidChange = this.changes.event;

  constructor(private readonly server: Server) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { id, side } = partsOf(uri);
    const proposal = this.shown.get(id) ?? (await this.read(id));
    return side === "before" ? proposal.before : proposal.after;
  }

  get(id: string): Proposal | undefined {
    return this.shown.get(id);
  }

  async read(id: string): Promise<Proposal> {
    const run = (this.reads.get(id) ?? 0) + 1;
    this.reads.set(id, run);
    const proposal = await this.server.ask<Proposal>("lanyard/proposal", { id });
    if (run !== this.reads.get(id)) {
      return this.shown.get(id) ?? proposal; // asked again or closed meanwhile
    }
    this.shown.set(id, proposal);
    for (const side of ["before", "after"] as const) {
      this.changes.fire(uriOf(proposal, side));
    }
    return proposal;
  }

  forget(id: string): void {
    this.shown.delete(id);
    this.reads.delete(id);
  }
}

/** Apply, dismiss and navigation above each hunk of the right side. */
class HunkLenses implements vscode.CodeLensProvider {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changes.event;

  constructor(private readonly sides: Sides) {}

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { id, side } = partsOf(document.uri);
    const proposal = this.sides.get(id);
    if (!proposal || side !== "after") {
      return [];
    }
    const top = new vscode.Range(0, 0, 0, 0);
    const lenses = [
      new vscode.CodeLens(top, { title: "Apply all", command: "lanyard.apply", arguments: [id] }),
      new vscode.CodeLens(top, { title: "Dismiss", command: "lanyard.dismiss", arguments: [id] }),
    ];
    if (proposal.hunks.length > 1) {
      for (const { hunk, number, first } of placesOf(proposal, "after")) {
        const line = Math.min(first, document.lineCount - 1);
        lenses.push(
          new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
            title: `Apply this hunk (${number} of ${proposal.hunks.length})`,
            command: "lanyard.proposal.applyHunk",
            arguments: [id, hunk.index],
          }),
        );
      }
    }
    return lenses;
  }

  refresh(): void {
    this.changes.fire();
  }
}

/** Registers what shows results. */
export function showProposals(server: Server): vscode.Disposable {
  const sides = new Sides(server);
  const lenses = new HunkLenses(sides);
  const told = new Set<string>();
  const mark = (): void => {
    for (const editor of vscode.window.visibleTextEditors.filter((one) => one.document.uri.scheme === SCHEME)) {
      const { id, side } = partsOf(editor.document.uri);
      markHunks(editor, side === "after" ? sides.get(id) : undefined);
    }
  };
  const take = async (id: string, index: number): Promise<void> => {
    const answer = await server.execute<{ left?: number }>("lanyard.apply", id, [index]);
    if (answer.left) {
      await sides.read(id);
      lenses.refresh();
      mark();
    } else {
      await closeDiff(sides, id);
    }
  };
  const coming = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other, as the server takes them; a second click on a hunk is the first one's. */
  const apply = async (id: string, index: number): Promise<void> => {
    const key = `${id}/${index}`;
    if (coming.has(key)) {
      return;
    }
    coming.add(key);
    const taken = last.then(() => take(id, index));
    last = taken.catch(() => undefined);
    await taken.finally(() => coming.delete(key));
  };
  const open = (id: string): Promise<void> => attempt(() => openDiff(sides, lenses, id));
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, sides),
    vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, lenses),
    server.onResult((result) => void attempt(() => tell(server, sides, lenses, result))),
    vscode.commands.registerCommand("lanyard.proposal.open", open),
    vscode.commands.registerCommand("lanyard.proposal.applyAll", () =>
      attempt(() => server.execute("lanyard.apply", here().id)),
    ),
    vscode.commands.registerCommand("lanyard.proposal.dismiss", () =>
      attempt(() => server.execute("lanyard.dismiss", here().id)),
    ),
    vscode.commands.registerCommand("lanyard.proposal.applyHunk", (given?: unknown, index?: unknown) =>
      attempt(() => {
        if (typeof given === "string" && typeof index === "number") {
          return apply(given, index);
        }
        // From the line numbers' menu comes the line that was pointed at.
        const pointed = (given as { lineNumber?: number } | undefined)?.lineNumber;
        const { id, side, line, document } = here();
        const proposal = sides.get(id);
        if (proposal && !isDrawn(document, proposal, side)) {
          throw new Error("The diff is being drawn anew; choose the hunk once more.");
        }
        return apply(id, hunkAt(proposal, pointed ? pointed - 1 : line, side));
      }),
    ),
    vscode.commands.registerCommand("lanyard.proposal.chooseHunk", () =>
      attempt(async () => {
        const { id } = here();
        const chosen = await chooseHunk(sides.get(id) ?? (await sides.read(id)));
        if (chosen !== undefined) {
          await apply(id, chosen);
        }
      }),
    ),
    vscode.window.onDidChangeVisibleTextEditors(mark),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document.uri.scheme === SCHEME) {
        mark();
      }
    }),
    vscode.commands.registerCommand("lanyard.proposals", () => attempt(() => pick(open))),
    server.onWord(() => {
      if (!server.running) {
        told.clear();
      }
    }),
    vscode.languages.onDidChangeDiagnostics(() => void attempt(() => closeGone(server, sides, told))),
  );
}

/** The proposal whose diff has the focus, and the side and line there. */
function here(): { id: string; side: Side; line: number; document: vscode.TextDocument } {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.scheme !== SCHEME) {
    throw new Error("Open the diff of a proposal first: Lanyard: Show a Proposal.");
  }
  const { id, side } = partsOf(editor.document.uri);
  return { id, side: side === "before" ? "before" : "after", line: editor.selection.active.line, document: editor.document };
}

async function tell(server: Server, sides: Sides, lenses: HunkLenses, result: Result): Promise<void> {
  if (result.kind === "review") {
    const choice = await vscode.window.showInformationMessage(result.line, "Show findings");
    if (choice) {
      await vscode.window.showTextDocument(vscode.Uri.parse(result.uri));
      await vscode.commands.executeCommand("workbench.actions.view.problems");
    }
    return;
  }
  const choice = await vscode.window.showInformationMessage(result.line, "Apply", "Show diff", "Dismiss");
  if (choice === "Apply") {
    await server.execute("lanyard.apply", result.id);
  } else if (choice === "Show diff") {
    await openDiff(sides, lenses, result.id);
  } else if (choice === "Dismiss") {
    await server.execute("lanyard.dismiss", result.id);
  }
}

async function openDiff(sides: Sides, lenses: HunkLenses, id: string): Promise<void> {
  const proposal = await sides.read(id);
  lenses.refresh();
  await vscode.commands.executeCommand(
    "vscode.diff",
    uriOf(proposal, "before"),
    uriOf(proposal, "after"),
    `${proposal.title} (proposal)`,
    { preview: true },
  );
}

/**
 * A diff whose proposal has been applied or dismissed elsewhere is closed. A server that has died took its diagnostics
 * with it, not its proposals: only one that the server of now has told before is gone when it is told no more.
 */
async function closeGone(server: Server, sides: Sides, told: Set<string>): Promise<void> {
  if (!server.running) {
    return;
  }
  const waiting = new Set(waitingProposals().map((one) => one.id));
  waiting.forEach((id) => told.add(id));
  for (const tab of diffTabs()) {
    const { id } = partsOf(tab.uri);
    if (!waiting.has(id) && told.has(id) && sides.get(id)) {
      await closeDiff(sides, id);
    }
  }
}

async function closeDiff(sides: Sides, id: string): Promise<void> {
  sides.forget(id);
  for (const { tab, uri } of diffTabs()) {
    if (partsOf(uri).id === id) {
      await vscode.window.tabGroups.close(tab);
    }
  }
}

function diffTabs(): { tab: vscode.Tab; uri: vscode.Uri }[] {
  return vscode.window.tabGroups.all.flatMap((group) =>
    group.tabs.flatMap((tab) =>
      tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === SCHEME
        ? [{ tab, uri: tab.input.modified }]
        : [],
    ),
  );
}

async function pick(open: (id: string) => Promise<void>): Promise<void> {
  const waiting = waitingProposals();
  if (waiting.length === 0) {
    throw new Error("No proposal waits for you.");
  }
  const chosen =
    waiting.length === 1
      ? waiting[0]
      : await vscode.window.showQuickPick(
          waiting.map((one) => ({ label: one.title, id: one.id })),
          { title: "Proposals" },
        );
  if (chosen) {
    await open(chosen.id);
  }
}

function waitingProposals(): { id: string; title: string }[] {
  const found = new Map<string, string>();
  for (const [, diagnostics] of vscode.languages.getDiagnostics()) {
    for (const one of diagnostics) {
      const data = (one as { data?: { entry?: string } }).data;
      if (one.source === "lanyard" && one.code === "proposal" && data?.entry) {
        found.set(data.entry, one.message.split(";")[0] ?? one.message);
      }
    }
  }
  return [...found].map(([id, title]) => ({ id, title }));
}

function uriOf(proposal: Proposal, side: "before" | "after"): vscode.Uri {
  const name = proposal.uri.split("/").at(-1) ?? "file";
  return vscode.Uri.from({ scheme: SCHEME, path: `/${proposal.id}/${side}/${decodeURIComponent(name)}` });
}

function partsOf(uri: vscode.Uri): { id: string; side: string } {
  const [, id = "", side = ""] = uri.path.split("/");
  return { id, side };
}
