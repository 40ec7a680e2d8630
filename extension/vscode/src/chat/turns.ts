// VS Code's messages as the server takes them.

import * as vscode from "vscode";
import type { Message, ToolCall } from "../protocol";

/** Agents send rules in this role, which the stable API does not name. */
const SYSTEM = 3;

/** The answers of tools in a message, each a message of its own, and what else it says. */
export function messagesOf(message: vscode.LanguageModelChatRequestMessage): Message[] {
  const answers: Message[] = [];
  const calls: ToolCall[] = [];
  let content = "";
  for (const part of message.content) {
    if (part instanceof vscode.LanguageModelToolResultPart) {
      answers.push({ role: "tool", call: part.callId, content: part.content.map(textOf).join("\n") });
    } else if (part instanceof vscode.LanguageModelToolCallPart) {
      calls.push({ id: part.callId, name: part.name, arguments: part.input });
    } else {
      content += part instanceof vscode.LanguageModelTextPart ? part.value : "";
    }
  }
  if (message.role === vscode.LanguageModelChatMessageRole.Assistant) {
    return content || calls.length > 0 ? [{ role: "assistant", content, calls }] : [];
  }
  const role = (message.role as number) === SYSTEM ? "system" : "user";
  return content.trim() ? [...answers, { role, content }] : answers;
}

/** A piece of a tool's answer; of a picture only that it was one. */
function textOf(piece: unknown): string {
  if (piece instanceof vscode.LanguageModelTextPart) {
    return piece.value;
  }
  if (piece instanceof vscode.LanguageModelDataPart) {
    return /^text\/|json$/.test(piece.mimeType) ? new TextDecoder().decode(piece.data) : `(${piece.mimeType}, left out)`;
  }
  const value: unknown = piece instanceof vscode.LanguageModelPromptTsxPart ? piece.value : piece;
  return typeof value === "string" ? value : JSON.stringify(value);
}
