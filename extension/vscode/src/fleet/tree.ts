// The fleet as a tree: workers with their models, and the tasks of this machine.

import * as vscode from "vscode";
import type { Fleet, Model, Task, Worker } from "../protocol";
import { attempt, lineOf, plain } from "../say";
import type { Server } from "../server/server";
import { groupItem, modelItem, taskItem, workerItem } from "./items";
import { chooseTask, listTasks, tellWhy } from "./tasks";

type Node =
  | { is: "group"; name: "Workers" | "Tasks"; fleet: Fleet }
  | { is: "worker"; worker: Worker }
  | { is: "model"; model: Model; worker: Worker }
  | { is: "task"; task: Task }
  | { is: "note"; text: string };

class FleetTree implements vscode.TreeDataProvider<Node> {
  private fleet: Fleet | undefined;
  private problem = "";
  private asked = 0;
  private drawn = 0;
  private readonly changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changes.event;

  constructor(private readonly server: Server) {}

  /** Ask and draw anew; an answer that comes after that of a later question is not drawn. */
  async refresh(): Promise<void> {
    const run = ++this.asked;
    if (this.server.current.state === "missing") {
      // Empty: the view's welcome offers to install it.
      this.drawn = run;
      this.fleet = undefined;
      this.problem = "";
      this.changes.fire(undefined);
      return;
    }
    const asked = this.server.ask<Fleet>("lanyard/fleet", null);
    const [fleet, problem] = await asked.then((found) => [found, ""] as const, (error: unknown) => [undefined, lineOf(error)] as const);
    if (run < this.drawn) {
      return;
    }
    this.drawn = run;
    this.problem = problem;
    if (fleet) {
      this.fleet = fleet;
      const chats = fleet.workers.some((one) => one.models.some((model) => model.capabilities.includes("chat")));
      await vscode.commands.executeCommand("setContext", "lanyard.canChat", chats);
    }
    this.changes.fire(undefined);
  }

  get workers(): readonly Worker[] {
    return this.fleet?.workers ?? [];
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
      const { fleet } = this;
      return [...notes, { is: "group", name: "Workers", fleet }, { is: "group", name: "Tasks", fleet }];
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
        return groupItem(node.name, node.fleet);
      case "note": {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon("warning");
        item.tooltip = node.text;
        const missing = this.fleet?.keys.find((key) => !key.isSet && node.text.includes(` ${key.name} `));
        if (missing) {
          item.command = { command: "lanyard.key.set", title: "Set an API Key…", arguments: [missing.name] };
        }
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

/** The view and its commands. */
export function showFleet(server: Server): vscode.Disposable {
  const tree = new FleetTree(server);
  const view = vscode.window.createTreeView("lanyard.fleet", { treeDataProvider: tree, showCollapseAll: false });
  const refresh = (): void => {
    if (view.visible) {
      void tree.refresh();
    }
  };
  /** By a key there is no node: the one selected in the tree, else one from a list. */
  const selected = (node?: Node | string): Node | undefined =>
    typeof node === "object" ? node : view.visible ? view.selection[0] : undefined;
  const workerFor = async (given?: Node): Promise<string | undefined> => {
    const node = selected(given);
    if (node?.is === "worker") {
      return node.worker.name;
    }
    await tree.refresh();
    const entries = tree.workers.map((one) => ({ label: one.name, description: `${one.zone}, ${one.condition}` }));
    return (await vscode.window.showQuickPick(entries, { title: "Which Worker?" }))?.label;
  };
  const taskFor = async (
    given: Node | string | undefined,
    title: string,
    which: "all" | "open",
  ): Promise<string | undefined> => {
    if (typeof given === "string") {
      return given;
    }
    const node = selected(given);
    return node?.is === "task" ? node.task.id : (await chooseTask(server, title, which))?.id;
  };
  const worker = (id: string, command: string): vscode.Disposable =>
    vscode.commands.registerCommand(id, (node?: Node) =>
      attempt(async () => {
        const name = await workerFor(node);
        if (!name) {
          return;
        }
        const answer = await server.execute<{ worker: Worker | string }>(command, name);
        if (typeof answer.worker === "object") {
          const tested = answer.worker;
          const well = tested.condition === "ready" || tested.condition === "trial";
          void vscode.window.showInformationMessage(plain(well ? `${tested.name} answers.` : tested.why));
        }
        await tree.refresh();
      }),
    );
  return vscode.Disposable.from(
    view,
    view.onDidChangeVisibility(refresh),
    server.onStart(() => void tree.refresh()),
    server.onWord((word) => {
      view.message = word.state === "error" || word.state === "old" ? word.line : (word.detail ?? "");
      // A server that runs says by itself, below, when its fleet is another.
      if (!server.running) {
        refresh();
      }
    }),
    server.onFleet(refresh),
    vscode.commands.registerCommand("lanyard.fleet.refresh", () => tree.refresh()),
    vscode.commands.registerCommand("lanyard.fleet.add", (given?: string) => attempt(() => addWorker(server, tree, given))),
    worker("lanyard.fleet.test", "lanyard.worker.test"),
    worker("lanyard.fleet.drain", "lanyard.worker.drain"),
    worker("lanyard.fleet.resume", "lanyard.worker.resume"),
    vscode.commands.registerCommand("lanyard.fleet.cancel", (node?: Node) =>
      attempt(async () => {
        const id = await taskFor(node, "Cancel a Task", "open");
        if (id) {
          await server.execute("lanyard.cancel", id);
          await tree.refresh();
        }
      }),
    ),
    vscode.commands.registerCommand("lanyard.fleet.why", (node?: Node | string) =>
      attempt(async () => {
        const id = await taskFor(node, "Why There?", "all");
        if (id) {
          await tellWhy(server, id);
        }
      }),
    ),
    vscode.commands.registerCommand("lanyard.tasks", () => attempt(() => listTasks(server))),
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
    void vscode.window.showInformationMessage(plain(`${worker.name} is ready${models ? `: ${models}` : ""}.`));
  } else {
    void vscode.window.showWarningMessage(plain(`${worker.name} is added, but: ${worker.why}`));
  }
  await tree.refresh();
}
