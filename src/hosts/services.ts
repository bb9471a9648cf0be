// Starting and stopping what runs on a host, through the two managers that a cluster file can name.
import type { ServiceDefinition } from "../model/cluster.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import type { CommandResult, Host } from "../model/host.ts";

export interface ServiceState {
  /** `unknown`: the definition has no way to ask, or the manager does not say. */
  readonly is: "running" | "starting" | "stopping" | "stopped" | "failed" | "unknown";
  readonly pid: number | null;
  /** Microseconds after boot, of the main process; null when the manager does not say. */
  readonly startedUs: number | null;
  /** The manager starts it again by itself when it ends without having been told to. */
  readonly restartsItself: boolean;
  /** The manager's own words. */
  readonly detail: string;
}
/** Start and stop only ask; `state` says what came of it. */
export interface Service {
  /** Errors SW3004 (the manager refused), SW3003 (it did not answer in time: unknown), and those of `Host.run`. */
  start(fence: Fence): Promise<void>;
  stop(fence: Fence): Promise<void>;
  state(): Promise<ServiceState>;
}

/** Vendors' scripts wait for readiness themselves, some for minutes. */
const SCRIPT_MS = 300_000;
const MANAGER_MS = 30_000;
const PROPERTIES = "ActiveState,SubState,MainPID,ExecMainStartTimestampMonotonic,Restart,LoadState";

export function serviceOf(host: Host, definition: ServiceDefinition): Service {
  switch (definition.manager) {
    case "systemd":
      return systemdService(host, definition.unit);
    case "command":
      return commandService(host, definition);
  }
}

function systemdService(host: Host, unit: string): Service {
  const ask = async (fence: Fence, verb: "start" | "stop"): Promise<void> => {
    // Without --no-block a connection that breaks would leave open whether the job was queued at all.
    demand(host, await host.run(fence, ["systemctl", "--no-block", verb, "--", unit], { timeoutMs: MANAGER_MS }), `systemctl ${verb} ${unit}`);
  };
  return {
    start: (fence) => ask(fence, "start"),
    stop: (fence) => ask(fence, "stop"),
    async state(): Promise<ServiceState> {
      const result = await host.query(["systemctl", "show", `--property=${PROPERTIES}`, "--", unit], { timeoutMs: MANAGER_MS });
      demand(host, result, `systemctl show ${unit}`);
      const lines = new Map(result.stdout.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
      const word = (key: string): string => lines.get(key) ?? "";
      if (word("LoadState") === "not-found") {
        // systemd calls a unit that does not exist "inactive": that is no stopped service.
        throw new StillwaterError("SW3004", `${host.name}: systemd has no unit ${unit}`, {
          object: unit,
          remedy: "Mend `unit:` of the node's service.",
        });
      }
      return {
        is: activeState(word("ActiveState")),
        pid: positive(word("MainPID")),
        startedUs: positive(word("ExecMainStartTimestampMonotonic")),
        restartsItself: word("Restart") !== "" && word("Restart") !== "no",
        detail: `${word("ActiveState")} (${word("SubState")})`,
      };
    },
  };
}
function activeState(word: string): ServiceState["is"] {
  switch (word) {
    case "active":
    case "reloading":
    case "refreshing":
      return "running";
    case "activating":
      return "starting";
    case "deactivating":
      return "stopping";
    case "inactive":
      return "stopped";
    case "failed":
      return "failed";
    default:
      return "unknown";
  }
}
function positive(word: string): number | null {
  const number = Number(word);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

function commandService(host: Host, definition: ServiceDefinition & { readonly manager: "command" }): Service {
  const { start, stop, status } = definition;
  const ask = async (fence: Fence, argv: readonly string[]): Promise<void> => {
    // In a session of its own: when the script does not end in time only the script is ended, never the server that it has started.
    demand(host, await host.run(fence, ["setsid", ...argv], { timeoutMs: SCRIPT_MS }), argv.join(" "));
  };
  return {
    start: (fence) => ask(fence, start),
    stop: (fence) => ask(fence, stop),
    async state(): Promise<ServiceState> {
      const unsaid = { pid: null, startedUs: null, restartsItself: false };
      if (status === null) return { is: "unknown", ...unsaid, detail: "the cluster file names no status command" };
      const result = await host.query(status, { timeoutMs: MANAGER_MS });
      if (result.code === 126 || result.code === 127) demand(host, result, status.join(" "));
      return { is: statusCode(result.code), ...unsaid, detail: lastLines(result.stdout || result.stderr) || `exit code ${result.code}` };
    },
  };
}
/** As the Linux Standard Base has it, which `service NAME status` and most vendors' scripts follow. */
function statusCode(code: number): ServiceState["is"] {
  if (code === 0) return "running";
  // 1 and 2: dead, but a pid file or a lock file is left. 3: not running.
  return code === 1 || code === 2 || code === 3 ? "stopped" : "unknown";
}
function demand(host: Host, result: CommandResult, command: string): void {
  if (result.code === 0) return;
  const why = [result.stderr, result.stdout].map((text) => lastLines(text)).filter((text) => text !== "");
  throw new StillwaterError("SW3004", `${host.name}: ${command} ended with exit code ${result.code}`, { object: host.name, why });
}
function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n").slice(-2_000);
}
