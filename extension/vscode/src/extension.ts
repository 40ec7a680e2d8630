// Activation: wires the parts; nothing here waits for anything.

import * as vscode from "vscode";
import { registerModels } from "./chat/models";
import { registerParticipant } from "./chat/participant";
import { ChatView } from "./chat/view";
import { InlineEdits } from "./edit/inline";
import { showFleet } from "./fleet/tree";
import { openSample } from "./sample";
import { keyCommand } from "./server/keys";
import { Server } from "./server/server";
import { showStatus } from "./status";
import { actionCommands } from "./tasks/actions";
import { showProposals } from "./tasks/proposals";

let leave: () => Promise<void> = () => Promise.resolve();

/** VS Code waits for its end for a few seconds; what is subscribed it disposes of as soon as this was called. */
export function deactivate(): Promise<void> {
  return leave();
}

export function activate(context: vscode.ExtensionContext): { server: Server } {
  const output = vscode.window.createOutputChannel("Lanyard", { log: true });
  const server = new Server(context, output);
  const edits = new InlineEdits(server);
  const chat = new ChatView(context, server, edits);
  leave = () => chat.leave();
  const command = (id: string, run: (...args: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, run);
  context.subscriptions.push(
    output,
    server,
    showStatus(server),
    edits,
    chat,
    showFleet(server),
    showProposals(server),
    actionCommands(server),
    keyCommand(server.keys, server),
    registerParticipant(context, server),
    registerModels(server),
    command("lanyard.sample", openSample),
    command("lanyard.install", () => server.install()),
    command("lanyard.restart", () => server.restart()),
    command("lanyard.showOutput", () => output.show()),
    command("lanyard.walkthrough", () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("lanyard.path") || event.affectsConfiguration("lanyard.args")) {
        void server.restart();
      } else if (event.affectsConfiguration("lanyard")) {
        void server.configure();
      }
    }),
  );
  setImmediate(() => void server.start());
  return { server };
}
