// The tasks as a list for the keyboard: what can be done with one, and why it goes where it goes.

import * as vscode from "vscode";
import type { Fleet, Task } from "../protocol";
import type { Server } from "../server/server";
import { isOpen, stateOf, taskIcon } from "./items";

/** Choose a task from the list; undefined where there is none, which is said, or none was chosen. */
export async function chooseTask(server: Server, title: string, which: "all" | "open"): Promise<Task | undefined> {
  const fleet = await server.ask<Fleet>("lanyard/fleet", null);
  const tasks = which === "all" ? fleet.tasks : fleet.tasks.filter(isOpen);
  if (tasks.length === 0) {
    throw new Error(which === "all" ? "There are no tasks; run one: Lanyard: Review." : "No task is under way.");
  }
  const entries = tasks.map((task) => ({
    label: `$(${taskIcon(task)}) ${task.title}`,
    description: stateOf(task),
    ...(task.why ? { detail: task.why } : {}),
    task,
  }));
  return (await vscode.window.showQuickPick(entries, { title, matchOnDescription: true, matchOnDetail: true }))?.task;
}

/** The list, then what can be done with the one chosen. */
export async function listTasks(server: Server): Promise<void> {
  const task = await chooseTask(server, "Tasks", "all");
  if (!task) {
    return;
  }
  const choices = [
    ...(isOpen(task) ? [{ label: "$(close) Cancel it", run: () => server.execute("lanyard.cancel", task.id) }] : []),
    { label: "$(question) Why does it go where it goes?", run: () => tellWhy(server, task.id) },
    ...(task.state === "failed" || task.state === "cancelled"
      ? [{ label: "$(refresh) Run it again", run: () => server.execute("lanyard.retry", task.id) }]
      : []),
  ];
  const chosen = await vscode.window.showQuickPick(choices, { title: task.title });
  await chosen?.run();
}

/** Show the router's own words. */
export async function tellWhy(server: Server, id: string): Promise<void> {
  const { lines } = await server.execute<{ lines: string[] }>("lanyard.task.why", id);
  await vscode.window.showQuickPick(lines, { title: "Why the task goes where it goes" });
}
