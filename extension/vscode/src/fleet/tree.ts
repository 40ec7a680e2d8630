// The fleet as a tree: workers with their models, and the tasks of this machine.

import * as vscode from "vscode";
import type { Fleet, Model, Task, Worker } from "../protocol";
import { attempt } from "../say";
import type { Server } from "../server/server";

type Node =
  | { is: "group"; name: "Workers" | "Tasks" }
  | { is: "worker"; worker: Worker }
  | { is: "model"; model: Model; worker: Worker }
  | { is: "task"; task: Task }
  | { is: "note"; text: string };

const CONDITION: Record<string, string> = {
  ready: "pass",
  trial: "pass",
  unknown: "question",
  drained: "debug-pause",
  resting: "clock",
  down: "error",
  refused: "circle-slash",
};
const STATE: Record<Task["state"], string> = {
  queued: "clock",
  running: "sync~spin",
  done: "check",
  failed: "error",
  cancelled: "circle-slash",
};

class FleetTree implements vscode.TreeDataProvider<Node> {
  private fleet: Fleet | undefined;
  private problem = "";
  private readonly changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changes.event;

  constructor(private readonly server: Server) {}

  async refresh(): Promise<void> {
    if (this.server.current.state === "missing") {
      // Empty: the view's welcome offers to install it.
      this.fleet = undefined;
      this.problem = "";
      this.changes.fire(undefined);
      return;
    }
    try {
      this.fleet = await this.server.ask<Fleet>("lanyard/fleet", null);
      this.problem = "";
      const chats = this.fleet.workers.some((one) => one.models.some((model) => model.capabilities.includes("chat")));
      await vscode.commands.executeCommand("setContext", "lanyard.canChat", chats);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.changes.fire(undefined);
  }

  getChildren(node?: Node): Node[] {
    if (!this.fleet) {
      return this.problem && !node ? [{ is: "note", text: this.problem }] : [];
    }
    if (!node) {
      const notes: Node[] = [...(this.problem ? [this.problem] : []), ...this.fleet.problems].map((text) => ({
        is: "note",
        text,
      }));
      return [...notes, { is: "group", name: "Workers" }, { is: "group", name: "Tasks" }];
    }
    if (node.is === "group" && node.name === "Workers") {
      return this.fleet.workers.map((worker) => ({ is: "worker", worker }));
    }
    if (node.is === "group") {
      return this.fleet.tasks.map((task) => ({ is: "task", task }));
    }
    if (node.is === "worker") {
      return node.worker.models.map((model) => ({ is: "model", model, worker: node.worker }));
    }
    return [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.is) {
      case "group":
        return new vscode.TreeItem(node.name, vscode.TreeItemCollapsibleState.Expanded);
      case "note": {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon("warning");
        item.tooltip = node.text;
        return item;
      }
      case "worker":
        return workerItem(node.worker);
      case "model":
        return modelItem(node.model, node.worker);
      case "task":
        return taskItem(node.task);
    }
  }
}

function workerItem(worker: Worker): vscode.TreeItem {
  const item = new vscode.TreeItem(worker.name, vscode.TreeItemCollapsibleState.Collapsed);
  const load = `${worker.busy} of ${worker.slots} busy`;
  item.description = [worker.zone, worker.condition === "ready" ? load : worker.condition].filter(Boolean).join(" · ");
  item.iconPath = new vscode.ThemeIcon(CONDITION[worker.condition] ?? "question");
  item.tooltip = new vscode.MarkdownString().appendText(
    [worker.url, `zone ${worker.zone || "unknown"}, ${worker.condition}, ${load}`, worker.why].filter(Boolean).join("\n"),
  );
  item.contextValue = worker.condition === "drained" ? "worker.drained" : "worker";
  item.id = `worker/${worker.name}`;
  return item;
}

function modelItem(model: Model, worker: Worker): vscode.TreeItem {
  const item = new vscode.TreeItem(model.name);
  item.description = [model.size, model.context ? `${model.context} tokens` : "", model.capabilities.join(", ")]
    .filter(Boolean)
    .join(" · ");
  item.iconPath = new vscode.ThemeIcon("chip");
  item.contextValue = "model";
  item.id = `model/${worker.name}/${model.name}`;
  return item;
}

function taskItem(task: Task): vscode.TreeItem {
  const open = task.state === "queued" || task.state === "running";
  const item = new vscode.TreeItem(task.title);
  item.description = [
    task.state,
    task.worker ? `at ${task.worker}` : "",
    task.state === "queued" ? `${task.position} ahead` : "",
  ]
    .filter(Boolean)
    .join(" · ");
  item.iconPath = new vscode.ThemeIcon(STATE[task.state]);
  item.tooltip = new vscode.MarkdownString().appendText(
    [task.title, `${task.promptTokens} tokens sent`, task.why].filter(Boolean).join("\n"),
  );
  item.contextValue = open ? "task.open" : "task.ended";
  item.id = `task/${task.id}`;
  return item;
}

/** The view and its commands. */
export function showFleet(server: Server): vscode.Disposable {
  const tree = new FleetTree(server);
  const view = vscode.window.createTreeView("lanyard.fleet", { treeDataProvider: tree, showCollapseAll: false });
  const refresh = (): void => {
    if (view.visible) {
      void tree.refresh();
    }
  };
  const worker = (id: string, command: string): vscode.Disposable =>
    vscode.commands.registerCommand(id, (node?: Node) =>
      attempt(async () => {
        if (node?.is !== "worker") {
          return;
        }
        const answer = await server.execute<{ worker: Worker | string }>(command, node.worker.name);
        if (typeof answer.worker === "object") {
          const tested = answer.worker;
          const well = tested.condition === "ready" || tested.condition === "trial";
          void vscode.window.showInformationMessage(well ? `${tested.name} answers.` : tested.why);
        }
        await tree.refresh();
      }),
    );
  return vscode.Disposable.from(
    view,
    view.onDidChangeVisibility(refresh),
    server.onStart(() => void tree.refresh()),
    server.onWord((word) => {
      view.message = word.state === "error" || word.state === "old" ? word.line : "";
      refresh();
    }),
    server.onFleet(refresh),
    vscode.commands.registerCommand("lanyard.fleet.refresh", () => tree.refresh()),
    vscode.commands.registerCommand("lanyard.fleet.add", (given?: string) => attempt(() => addWorker(server, tree, given))),
    worker("lanyard.fleet.test", "lanyard.worker.test"),
    worker("lanyard.fleet.drain", "lanyard.worker.drain"),
    worker("lanyard.fleet.resume", "lanyard.worker.resume"),
    vscode.commands.registerCommand("lanyard.fleet.cancel", (node?: Node) =>
      attempt(async () => {
        if (node?.is === "task") {
          await server.execute("lanyard.cancel", node.task.id);
          await tree.refresh();
        }
      }),
    ),
    vscode.commands.registerCommand("lanyard.fleet.why", (node?: Node | string) =>
      attempt(async () => {
        const id = typeof node === "string" ? node : node?.is === "task" ? node.task.id : undefined;
        if (id) {
          const { lines } = await server.execute<{ lines: string[] }>("lanyard.task.why", id);
          await vscode.window.showQuickPick(lines, { title: "Why the task goes where it goes" });
        }
      }),
    ),
  );
}

async function addWorker(server: Server, tree: FleetTree, given?: string): Promise<void> {
  const url =
    given ??
    (await vscode.window.showInputBox({
      title: "Add a Model Server",
      prompt: "Its address: Ollama, llama.cpp server, vLLM or LM Studio. It is written to your own configuration file.",
      placeHolder: "http://gpu-box:11434",
      ignoreFocusOut: true,
    }));
  if (!url?.trim()) {
    return;
  }
  const { worker } = await server.execute<{ worker: Worker }>("lanyard.worker.add", url.trim());
  const models = worker.models.map((model) => model.name).join(", ");
  if (worker.condition === "ready") {
    void vscode.window.showInformationMessage(`${worker.name} is ready${models ? `: ${models}` : ""}.`);
  } else {
    void vscode.window.showWarningMessage(`${worker.name} is added, but: ${worker.why}`);
  }
  await tree.refresh();
}
