// How workers, models and tasks are written: in the tree, in lists, and for screen readers.

import * as vscode from "vscode";
import type { Fleet, Model, Task, Worker } from "../protocol";

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

export function isOpen(task: Task): boolean {
  return task.state === "queued" || task.state === "running";
}

/** A group with what it holds in numbers: the load of all workers, the queue. */
export function groupItem(name: "Workers" | "Tasks", { workers, tasks }: Fleet): vscode.TreeItem {
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  const count = (state: Task["state"]): number => tasks.filter((task) => task.state === state).length;
  const well = workers.filter((worker) => worker.condition === "ready" || worker.condition === "trial");
  const slots = well.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = well.reduce((sum, worker) => sum + worker.busy, 0);
  item.description = name === "Workers" ? `load ${busy} of ${slots}` : `${count("running")} running · ${count("queued")} queued`;
  item.accessibilityInformation = { label: `${name}: ${item.description.replace(" · ", ", ")}` };
  return item;
}

export function workerItem(worker: Worker): vscode.TreeItem {
  const item = new vscode.TreeItem(worker.name, vscode.TreeItemCollapsibleState.Collapsed);
  const load = `${worker.busy} of ${worker.slots} busy`;
  const well = worker.condition === "ready" || worker.condition === "trial";
  item.description = [worker.zone, well ? worker.why.split(";")[0] || load : worker.condition].filter(Boolean).join(" · ");
  item.iconPath = new vscode.ThemeIcon(well && worker.why ? "info" : (CONDITION[worker.condition] ?? "question"));
  const facts = [`zone ${worker.zone || "unknown"}`, worker.condition, load].join(", ");
  item.tooltip = new vscode.MarkdownString().appendText([worker.url, facts, worker.why].filter(Boolean).join("\n"));
  item.accessibilityInformation = { label: [`Worker ${worker.name}`, facts, worker.why].filter(Boolean).join(", ") };
  item.contextValue = worker.condition === "drained" ? "worker.drained" : "worker";
  item.id = `worker/${worker.name}`;
  return item;
}

export function modelItem(model: Model, worker: Worker): vscode.TreeItem {
  const item = new vscode.TreeItem(model.name);
  const facts = [
    model.size,
    model.zone === worker.zone ? "" : `zone ${model.zone}`,
    model.context ? `${model.context} tokens` : "",
    model.capabilities.join(", "),
  ].filter(Boolean);
  item.description = facts.join(" · ");
  item.tooltip = new vscode.MarkdownString().appendText([model.name, ...facts].join("\n"));
  item.accessibilityInformation = { label: [`Model ${model.name}`, ...facts].join(", ") };
  item.iconPath = new vscode.ThemeIcon("chip");
  item.contextValue = "model";
  item.id = `model/${worker.name}/${model.name}`;
  return item;
}

/** Where a task stands, in a few words. */
export function stateOf(task: Task): string {
  const place = task.worker ? `at ${task.worker}` : "";
  return [task.state, place, task.state === "queued" ? `${task.position} ahead` : ""].filter(Boolean).join(" · ");
}

export function taskIcon(task: Task): string {
  return STATE[task.state];
}

export function taskItem(task: Task): vscode.TreeItem {
  const item = new vscode.TreeItem(task.title);
  item.description = stateOf(task);
  item.iconPath = new vscode.ThemeIcon(taskIcon(task));
  item.tooltip = new vscode.MarkdownString().appendText(
    [task.title, `${task.promptTokens} tokens sent`, task.why].filter(Boolean).join("\n"),
  );
  const label = [`Task ${task.title}`, stateOf(task).replaceAll(" · ", ", "), task.why].filter(Boolean).join(", ");
  item.accessibilityInformation = { label };
  item.contextValue = isOpen(task) ? "task.open" : "task.ended";
  item.id = `task/${task.id}`;
  return item;
}
