// The operator's own commands around a role move: a proxy that holds requests back is felt as a pause instead of errors.
import { spawn } from "node:child_process";
import type { ClusterDefinition } from "../model/cluster.ts";
import type { TrafficHooks } from "../model/driver.ts";
import { Refused, Unreachable } from "../model/errors.ts";

const WITHIN_MS = 30_000;

/** Null unless both are configured: traffic that is paused and never resumed is an outage. */
export function trafficHooks({ hooks }: Pick<ClusterDefinition, "hooks">): TrafficHooks | null {
  const { pauseTraffic, resumeTraffic } = hooks;
  if (pauseTraffic === null || resumeTraffic === null) return null;
  return {
    pause: ({ signal }) => run("pauseTraffic", pauseTraffic, signal),
    resume: ({ signal }) => run("resumeTraffic", resumeTraffic, signal),
  };
}

function run(name: string, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const [command = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    let said = "";
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], signal, timeout: WITHIN_MS });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-500)));
    child.once("error", (error) => {
      // What was never started did nothing; a command that was ended half-way may have done its work.
      const ended = error.name === "AbortError";
      reject(
        ended
          ? new Unreachable(`hooks.${name} was ended at its deadline`, { object: command })
          : new Refused(`hooks.${name} cannot be run: ${error.message}`, { code: "SW3004", object: command }),
      );
    });
    child.once("close", (code, killed) => {
      if (code === 0) resolve();
      else if (killed !== null) reject(new Unreachable(`hooks.${name} was ended by ${killed}`, { object: command }));
      else reject(new Refused(`hooks.${name} ended with exit code ${String(code)}: ${said.trim()}`, { code: "SW3004", object: command }));
    });
  });
}
