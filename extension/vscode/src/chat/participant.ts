// `@lanyard` in VS Code's own chat, beside the side bar's.

import * as vscode from "vscode";
import type { ChatAnswer, ContextItem, Turn } from "../protocol";
import type { Server } from "../server/server";
import { refused } from "./messages";

/** Registers the participant where this VS Code has chat. */
export function registerParticipant(context: vscode.ExtensionContext, server: Server): { dispose(): void } {
  const participant = vscode.chat.createChatParticipant("lanyard.chat", async (request, history, stream, token) => {
    const why = refused(request.prompt);
    if (why) {
      throw new Error(why);
    }
    // VS Code keeps what was refused, with an empty answer, and sends both with each later question.
    const earlier = turns(history).filter(({ content }) => content !== "" && !refused(content));
    const messages: Turn[] = [...earlier, { role: "user", content: request.prompt }];
    if (!server.running) {
      stream.progress(server.current.line);
      await server.there(token);
    }
    const answer = await server.stream<ChatAnswer>(
      "lanyard/chat",
      { messages, context: references(request, server) },
      (part) => stream.markdown(part.text ?? ""),
      token,
    );
    for (const problem of answer.problems) {
      stream.progress(problem);
    }
    return { metadata: { model: answer.model, worker: answer.worker } };
  });
  participant.iconPath = vscode.Uri.joinPath(context.extensionUri, "media", "lanyard.svg");
  return { dispose: () => participant.dispose() };
}

function turns(context: vscode.ChatContext): Turn[] {
  return context.history.map((turn) =>
    turn instanceof vscode.ChatRequestTurn
      ? { role: "user", content: turn.prompt }
      : {
          role: "assistant",
          content: turn.response
            .map((part) => (part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : ""))
            .join(""),
        },
  );
}

function references(request: vscode.ChatRequest, server: Server): ContextItem[] {
  return request.references.flatMap(({ value }): ContextItem[] => {
    if (value instanceof vscode.Uri) {
      return [{ uri: server.uriOf(value) }];
    }
    if (value instanceof vscode.Location) {
      return [{ uri: server.uriOf(value.uri), range: { start: value.range.start, end: value.range.end } }];
    }
    return [];
  });
}
