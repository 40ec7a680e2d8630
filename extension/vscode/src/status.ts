// The language status item: one line, never a pop-up.

import * as vscode from "vscode";
import type { Server, Word } from "./server/server";

const LOOK: Record<Word["state"], { icon: string; severity: vscode.LanguageStatusSeverity }> = {
  idle: { icon: "$(check)", severity: vscode.LanguageStatusSeverity.Information },
  thinking: { icon: "$(sparkle)", severity: vscode.LanguageStatusSeverity.Information },
  starting: { icon: "$(loading~spin)", severity: vscode.LanguageStatusSeverity.Information },
  queued: { icon: "$(clock)", severity: vscode.LanguageStatusSeverity.Information },
  working: { icon: "$(sync~spin)", severity: vscode.LanguageStatusSeverity.Information },
  error: { icon: "$(warning)", severity: vscode.LanguageStatusSeverity.Error },
  missing: { icon: "$(warning)", severity: vscode.LanguageStatusSeverity.Error },
};

/** Shows the server's word as long as the extension lives. */
export function showStatus(server: Server): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem("lanyard", [{ scheme: "file" }, { scheme: "untitled" }]);
  item.name = "Lanyard";
  const draw = (word: Word): void => {
    const look = LOOK[word.state];
    item.text = `${look.icon} Lanyard`;
    item.detail = word.line;
    item.severity = look.severity;
    item.busy = word.state === "thinking" || word.state === "working" || word.state === "starting";
    item.command =
      word.state === "missing"
        ? { command: "lanyard.install", title: "Install the server" }
        : word.state === "error"
          ? { command: "lanyard.restart", title: "Restart" }
          : { command: "lanyard.fleet.focus", title: "Fleet" };
  };
  draw(server.current);
  return vscode.Disposable.from(item, server.onWord(draw));
}
