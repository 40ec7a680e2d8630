// `@lanyard`: what goes to the server of a conversation that VS Code keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { registerParticipant } from "../src/chat/participant";
import { ChatRequestTurn, ChatResponseMarkdownPart, ChatResponseTurn, provided, Uri } from "./vscode";

test("of what was refused, and of what failed, no empty answer goes with a later question", async () => {
  let asked: unknown;
  const stream = (_: string, params: { messages: unknown }): Promise<unknown> => {
    asked = params.messages;
    return Promise.resolve({ problems: [] });
  };
  registerParticipant({ extensionUri: Uri.file("/extension") } as never, { running: true, stream } as never);
  const participant = provided.get("@lanyard.chat") as (request: object, context: object) => Promise<unknown>;
  const history = [
    new ChatRequestTurn("x".repeat(400_001)),
    new ChatResponseTurn([]),
    new ChatRequestTurn("why?"),
    new ChatResponseTurn([new ChatResponseMarkdownPart("so")]),
  ];
  await participant({ prompt: "and now?", references: [] }, { history });
  assert.deepEqual(asked, [
    { role: "user", content: "why?" },
    { role: "assistant", content: "so" },
    { role: "user", content: "and now?" },
  ]);
});
