import type { CommandResult } from "../../../src/model/host.ts";
import { said } from "../../kit/memory-host.ts";
import type { Services } from "./services.ts";

const missing = (unit: string): CommandResult => ({ code: 5, stdout: "", stderr: `Unit ${unit} not found.\n` });

/** Null: a verb that this machine does not have. */
export function systemctl(services: Services, args: readonly string[]): Promise<CommandResult> | CommandResult | null {
  const [verb, ...units] = args.filter((each) => !each.startsWith("-"));
  const [unit = ""] = units;
  const blocks = !args.includes("--no-block");
  switch (verb) {
    case "start":
      return services.start(unit) ? said("") : missing(unit);
    case "stop": {
      const stopped = services.stop(unit);
      return blocks ? stopped.then((found) => (found ? said("") : missing(unit))) : stopping(services, unit);
    }
    case "daemon-reload":
      services.reload();
      return said("");
    case "show":
      return show(services, unit, args);
    case "is-active": {
      const active = typeof services.show(unit)?.pid === "number";
      return { code: active ? 0 : 3, stdout: active ? "active\n" : "inactive\n", stderr: "" };
    }
    case undefined:
    default:
      return null;
  }
}

const stopping = (services: Services, unit: string): CommandResult => (services.show(unit) === null ? missing(unit) : said(""));

function show(services: Services, unit: string, args: readonly string[]): CommandResult {
  const state = services.show(unit);
  const all: Readonly<Record<string, string>> =
    state === null
      ? { LoadState: "not-found", ActiveState: "inactive", SubState: "dead", MainPID: "0", Restart: "no", ExecMainStartTimestampMonotonic: "0" }
      : {
          LoadState: "loaded",
          ActiveState: state.pid === null ? "inactive" : "active",
          SubState: state.pid === null ? "dead" : "running",
          MainPID: String(state.pid ?? 0),
          Restart: state.configured,
          ExecMainStartTimestampMonotonic: "1",
          ExecStart: `{ path=/bin/sh ; argv[]=/bin/sh ${state.directory}/start${state.role === "agent" ? "Agent" : "Controller"}.sh }`,
          WorkingDirectory: state.directory,
          DropInPaths: state.dropIns.join(" "),
        };
  const asked = args.flatMap((each, index) => {
    const value = /^(?:--property=|-p)(.+)$/.exec(each)?.[1] ?? (each === "-p" || each === "--property" ? args[index + 1] : undefined);
    return value === undefined ? [] : value.split(",");
  });
  const wanted = asked.length === 0 ? Object.keys(all) : asked;
  const bare = args.includes("--value");
  return said(wanted.map((name) => `${bare ? "" : `${name}=`}${all[name] ?? ""}\n`).join(""));
}
