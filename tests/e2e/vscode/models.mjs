// Scenarios of the fleet's models in VS Code's own language-model API.
import { existsSync, readFileSync } from "node:fs";

/** Another extension finds the model, offers it a tool, runs what it calls, and gives it the answer. */
export async function tools({ page, seen, shot, command }) {
  await command("Probe: Ask the Model");
  while (!existsSync(process.env.PROBE_OUT)) await page.waitForTimeout(100);
  await shot("tools");
  seen.probe = JSON.parse(readFileSync(process.env.PROBE_OUT, "utf8"));
}

/** The models that VS Code's own agent offers, and one of them chosen. What it does with it wants an account. */
export async function agent({ page, seen, shot, command, offered }) {
  await command("Lanyard: Focus on Fleet View");
  await page.locator(".monaco-list-row").filter({ hasText: "gpu-1" }).first().waitFor();
  await command("Chat: Open Chat");
  const part = page.locator(".interactive-input-part");
  await part.locator(".monaco-editor").first().click();
  await part.getByText("Agent", { exact: true }).first().waitFor();
  const row = page.locator(".action-widget .monaco-list-row").filter({ hasText: "scripted-agent" }).first();
  await offered(part.getByText(/^Models$|^Auto$|scripted/).first(), row);
  seen.offered = await page.locator(".action-widget .monaco-list-row").allInnerTexts();
  await shot("agent-models");
  await row.click();
  await part.getByText("scripted-agent").first().waitFor();
}
