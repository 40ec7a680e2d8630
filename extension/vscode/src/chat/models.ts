// The fleet's chat models in VS Code's own model picker.

import * as vscode from "vscode";
import type { ChatAnswer, Fleet } from "../protocol";
import type { Server } from "../server/server";
import { messagesOf } from "./turns";

const CHARACTERS_A_TOKEN = 3.5;
const REPLY_TOKENS = 4096;

class Models implements vscode.LanguageModelChatProvider {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.changes.event;

  constructor(private readonly server: Server) {}

  changed(): void {
    this.changes.fire();
  }

  async provideLanguageModelChatInformation(): Promise<vscode.LanguageModelChatInformation[]> {
    if (!this.server.running) {
      return [];
    }
    const fleet = await this.server.ask<Fleet>("lanyard/fleet", null);
    const found = new Map<string, vscode.LanguageModelChatInformation>();
    for (const worker of fleet.workers) {
      for (const model of worker.models) {
        const toolCalling = model.capabilities.includes("tools");
        // Of two workers with one model the one that takes tools counts: the server asks it where there are tools.
        const better = !found.has(model.name) || (toolCalling && !found.get(model.name)?.capabilities.toolCalling);
        if (model.capabilities.includes("chat") && better) {
          const reply = model.context ? Math.min(REPLY_TOKENS, Math.floor(model.context / 4)) : REPLY_TOKENS;
          found.set(model.name, {
            id: model.name,
            name: model.name,
            family: model.name.split(/[:-]/)[0] ?? model.name,
            version: "1",
            detail: `${worker.name}, ${worker.zone}`,
            maxInputTokens: Math.max(1024, (model.context || 8192) - reply),
            maxOutputTokens: reply,
            capabilities: { toolCalling },
          });
        }
      }
    }
    return [...found.values()];
  }

  async provideLanguageModelChatResponse(
    model: vscode.LanguageModelChatInformation,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const tools = (options.tools ?? []).map((tool) => ({
      name: tool.name,
      description: tool.description,
      parameters: tool.inputSchema ?? {},
    }));
    const answer = await this.server.stream<ChatAnswer>(
      "lanyard/chat",
      {
        messages: messages.flatMap(messagesOf),
        model: model.id,
        maxTokens: model.maxOutputTokens,
        tools,
        toolChoice: options.toolMode === vscode.LanguageModelChatToolMode.Required ? "required" : "auto",
      },
      (part) => progress.report(new vscode.LanguageModelTextPart(part.text ?? "")),
      token,
    );
    for (const call of answer.message.calls ?? []) {
      progress.report(new vscode.LanguageModelToolCallPart(call.id, call.name, call.arguments));
    }
  }

  provideTokenCount(
    _model: vscode.LanguageModelChatInformation,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    const content = typeof text === "string" ? text : JSON.stringify(messagesOf(text));
    return Promise.resolve(Math.ceil(content.length / CHARACTERS_A_TOKEN));
  }
}

/** Registers the models where this VS Code takes them. */
export function registerModels(server: Server): vscode.Disposable {
  const models = new Models(server);
  let known = "";
  return vscode.Disposable.from(
    vscode.lm.registerLanguageModelChatProvider("lanyard", models),
    server.onWord((word) => {
      // The line of an idle fleet names its models: a new one, new models.
      if (word.state !== "idle" || word.line === known) {
        return;
      }
      known = word.line;
      models.changed();
      // VS Code's chat answers `@lanyard` once some model has been resolved; nobody waits for it.
      void vscode.lm.selectChatModels({ vendor: "lanyard" }).then(undefined, (error: unknown) => server.output.debug(String(error)));
    }),
  );
}
