import { spawn } from "node:child_process";
import { StillwaterError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { Workspace } from "./workspace.ts";

/** The operator's alert command gets what happened as JSON on its standard input. Nothing happens without one. Error SW3004 when it fails. */
export async function alertOperator(workspace: Workspace, what: Readonly<Record<string, Json>>, withinMs = 30_000): Promise<void> {
  const { hooks, cluster } = await workspace.definition();
  const [command, ...args] = hooks.alert ?? [];
  if (command === undefined) return;
  const failure = await new Promise<string | null>((resolve) => {
    const child = spawn(command, args, { stdio: ["pipe", "ignore", "inherit"], timeout: withinMs, killSignal: "SIGKILL" });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? `exit code ${String(code)}`}`));
    child.stdin.on("error", () => undefined); // it need not read what it is told
    child.stdin.end(JSON.stringify({ cluster, ...what }));
  });
  if (failure !== null) throw new StillwaterError("SW3004", `The alert command failed: ${failure}.`, { object: command });
}
