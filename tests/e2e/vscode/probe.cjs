// A small extension of the tests: it uses the fleet's models as an agent does, through the language-model API alone.
const vscode = require("vscode");
const fs = require("node:fs");

const TOOL = {
  name: "read_file",
  description: "Reads a file of the workspace.",
  inputSchema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};

async function model() {
  for (;;) {
    const [found] = await vscode.lm.selectChatModels({ vendor: "lanyard" });
    if (found) return found;
    await new Promise((done) => {
      const heard = vscode.lm.onDidChangeChatModels(() => (heard.dispose(), done()));
    });
  }
}

/** One answer: its text and its calls. */
async function answer(chosen, messages) {
  const reply = await chosen.sendRequest(messages, { tools: [TOOL], justification: "a test" });
  const said = { text: "", calls: [] };
  for await (const part of reply.stream) {
    if (part instanceof vscode.LanguageModelTextPart) said.text += part.value;
    if (part instanceof vscode.LanguageModelToolCallPart) said.calls.push(part);
  }
  return said;
}

async function ask() {
  const told = { errors: [] };
  try {
    const chosen = await model();
    told.capabilities = chosen.capabilities;
    told.name = chosen.name;
    const messages = [vscode.LanguageModelChatMessage.User("what is in it?")];
    const first = await answer(chosen, messages);
    told.first = first;
    messages.push(vscode.LanguageModelChatMessage.Assistant([new vscode.LanguageModelTextPart(first.text), ...first.calls]));
    const results = first.calls.map((call) => {
      const root = vscode.workspace.workspaceFolders[0].uri.fsPath;
      const content = fs.readFileSync(`${root}/${call.input.path}`, "utf8").split("\n")[0];
      return new vscode.LanguageModelToolResultPart(call.callId, [new vscode.LanguageModelTextPart(content)]);
    });
    messages.push(vscode.LanguageModelChatMessage.User(results));
    told.second = await answer(chosen, messages);
    try {
      await answer(chosen, [vscode.LanguageModelChatMessage.User("wrong tool")]);
    } catch (error) {
      told.errors.push(String(error.message));
    }
  } catch (error) {
    told.errors.push(String(error.stack ?? error));
  }
  fs.writeFileSync(`${process.env.PROBE_OUT}.part`, JSON.stringify(told));
  fs.renameSync(`${process.env.PROBE_OUT}.part`, process.env.PROBE_OUT);
}

exports.activate = (context) => context.subscriptions.push(vscode.commands.registerCommand("probe.ask", ask));
