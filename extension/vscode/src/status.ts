// The language status item: one line, never a pop-up.

import * as vscode from "vscode";
import { documents } from "./documents";
import type { Fleet } from "./protocol";
import { attempt } from "./say";
import type { Server, Word } from "./server/server";

const LOOK: Record<Word["state"], { icon: string; severity: vscode.LanguageStatusSeverity }> = {
  idle: { icon: "$(check)", severity: vscode.LanguageStatusSeverity.Information },
  thinking: { icon: "$(sparkle)", severity: vscode.LanguageStatusSeverity.Information },
  starting: { icon: "$(loading~spin)", severity: vscode.LanguageStatusSeverity.Information },
  queued: { icon: "$(clock)", severity: vscode.LanguageStatusSeverity.Information },
  working: { icon: "$(sync~spin)", severity: vscode.LanguageStatusSeverity.Information },
  error: { icon: "$(warning)", severity: vscode.LanguageStatusSeverity.Error },
  old: { icon: "$(warning)", severity: vscode.LanguageStatusSeverity.Warning },
  missing: { icon: "$(warning)", severity: vscode.LanguageStatusSeverity.Error },
};

// VS Code draws the words and the link on one line of about 500 pixels, and what is longer over its end.
const ROOM = 48;

/** The part of a line that there is room for: whole clauses, else words. */
function shortly(line: string): string {
  if (line.length <= ROOM) {
    return line;
  }
  const room = line.slice(0, ROOM);
  const clause = Math.max(room.lastIndexOf(": "), room.lastIndexOf("; "));
  return clause > ROOM / 3 ? room.slice(0, clause) : `${room.slice(0, room.lastIndexOf(" "))} …`;
}

/** Shows the server's word as long as the extension lives. */
export function showStatus(server: Server): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem("lanyard", documents());
  item.name = "Lanyard";
  // Beside the progress of the tasks, which the editor draws without a button.
  const cancel = vscode.window.createStatusBarItem("lanyard.cancel", vscode.StatusBarAlignment.Left, -1000);
  cancel.name = "Lanyard: Cancel";
  cancel.text = "$(circle-slash) Cancel";
  cancel.command = "lanyard.cancelTask";
  const draw = (word: Word): void => {
    const look = LOOK[word.state];
    item.text = `${word.state === "idle" && word.detail ? "$(info)" : look.icon} Lanyard`;
    item.detail = shortly(word.line);
    item.severity = look.severity;
    if (word.state === "working" || word.state === "queued") {
      cancel.tooltip = `Cancel: ${word.line}`;
      cancel.accessibilityInformation = { label: `Cancel: ${word.line}` };
      cancel.show();
    } else {
      cancel.hide();
    }
    item.busy = word.state === "thinking" || word.state === "working" || word.state === "starting";
    const whole = [word.line, word.detail].filter(Boolean).join(" · ");
    item.accessibilityInformation = { label: `Lanyard: ${whole}` };
    item.command = { ...nextStep(word.state), tooltip: whole };
  };
  draw(server.current);
  return vscode.Disposable.from(
    item,
    cancel,
    server.onWord(draw),
    vscode.commands.registerCommand("lanyard.cancelTask", () => attempt(() => cancelTask(server))),
  );
}

/** What a click on the item's link does. */
function nextStep(state: Word["state"]): vscode.Command {
  switch (state) {
    case "missing":
      return { command: "lanyard.install", title: "Install the server" };
    case "old":
      return { command: "lanyard.install", title: "Update the server" };
    case "error":
      return { command: "lanyard.restart", title: "Restart" };
    default:
      return { command: "lanyard.fleet.focus", title: "Fleet" };
  }
}

/** Cancel the task under way; of several, the one chosen. */
async function cancelTask(server: Server): Promise<void> {
  const { tasks } = await server.ask<Fleet>("lanyard/fleet", null);
  const open = tasks.filter((task) => task.state === "queued" || task.state === "running");
  const entries = open.map((task) => ({ label: task.title, description: task.worker, id: task.id }));
  const chosen = entries.length > 1 ? await vscode.window.showQuickPick(entries, { title: "Cancel a Task" }) : entries[0];
  if (chosen) {
    await server.execute("lanyard.cancel", chosen.id);
  }
}
