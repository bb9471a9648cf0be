// What can be made to go wrong in a lab of processes. Everything but signals goes over the lab's own pages.
import { NETWORK_PAGE, type NetworkFault } from "../../kit/lab-network.ts";
import { isAlive } from "../../kit/process-table.ts";
import { LabClient } from "./ask.ts";
import { processOf } from "./control.ts";
import { readLabFile } from "./lab-file.ts";
import { activeRuns } from "./status.ts";

export type LabFault =
  | { readonly kind: "signal"; readonly signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"; readonly told: string }
  | { readonly kind: "network"; readonly fault: NetworkFault | null; readonly told: string }
  /** A page of the lab, with its body. */
  | { readonly kind: "page"; readonly page: string; readonly body: unknown; readonly told: string }
  /** The controller of every active run of an application is gone. */
  | { readonly kind: "lose-controller"; readonly app: string };

interface FaultShape {
  readonly usage: string;
  /** Of the words after the kind. Null: not understood. */
  parse(words: readonly string[], named: ReadonlyMap<string, string>): LabFault | null;
}
const number = (named: ReadonlyMap<string, string>, name: string, otherwise: number | null): number | null => {
  const text = named.get(name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
};
const signal = (usage: string, which: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT", told: string): FaultShape => ({
  usage,
  parse: () => ({ kind: "signal", signal: which, told }),
});
const page = (name: string, body: unknown, told: string): LabFault => ({ kind: "page", page: name, body, told });

const RESTARTS = ["go-on", "fail", "stuck-starting"] as const;
const shapes: Readonly<Record<string, FaultShape>> = {
  kill: signal("kill", "SIGKILL", "was killed (SIGKILL)"),
  terminate: signal("terminate", "SIGTERM", "was told to stop (SIGTERM)"),
  freeze: signal("freeze", "SIGSTOP", "does nothing any more"),
  thaw: signal("thaw", "SIGCONT", "goes on"),
  cut: { usage: "cut", parse: () => ({ kind: "network", fault: { kind: "cut", peer: "*" }, told: "answers nobody" }) },
  "lose-reply": {
    usage: "lose-reply PATH [count=N]",
    parse: ([path], named) => {
      const count = number(named, "count", 1);
      if (path === undefined || count === null) return null;
      return { kind: "network", fault: { kind: "lose-reply", path, count }, told: `serves ${String(count)} requests to ${path} and does not answer` };
    },
  },
  delay: {
    usage: "delay ms=N",
    parse: (_, named) => {
      const ms = number(named, "ms", null);
      return ms === null ? null : { kind: "network", fault: { kind: "delay", ms }, told: `serves every request ${String(ms)} ms late` };
    },
  },
  unavailable: {
    usage: "unavailable [calls=N]",
    parse: (_, named) => {
      const calls = number(named, "calls", 10);
      return calls === null ? null : page("unavailable", { calls }, `answers the next ${String(calls)} calls with 503`);
    },
  },
  "expire-tokens": { usage: "expire-tokens", parse: () => page("expire-tokens", null, "knows none of its tokens any more") },
  service: {
    usage: "service NAME ok|notok",
    parse: ([name, how]) =>
      name === undefined || (how !== "ok" && how !== "notok")
        ? null
        : page("service", { name, ok: how === "ok" }, `says that ${name} is ${how.toUpperCase()}`),
  },
  "upgrade-cut": {
    usage: "upgrade-cut [after=N] [goes-on]",
    parse: (words, named) => {
      const after = number(named, "after", 1);
      if (after === null) return null;
      return page("upgrade-cut", { after, goesOn: words.includes("goes-on") }, `cuts the next bulk upgrade after ${String(after)} answers`);
    },
  },
  "damage-export": {
    usage: "damage-export [count=N]",
    parse: (_, named) => {
      const damaged = number(named, "count", 1);
      return damaged === null ? null : page("export", { damaged }, `damages ${String(damaged)} exports on their way`);
    },
  },
  "vanish-artifact": {
    usage: "vanish-artifact NAME VERSION",
    parse: ([name, version]) =>
      name === undefined || version === undefined
        ? null
        : page("artifact", { remove: { name, version } }, `has no artefact ${name} ${version} any more`),
  },
  "withhold-artifacts": {
    usage: "withhold-artifacts [no]",
    parse: ([no]) => page("withhold-artifacts", no !== "no", `${no === "no" ? "loads" : "does not load"} its new artefacts when it starts`),
  },
  "restart-appfabric": { usage: "restart-appfabric", parse: () => page("restart-appfabric", null, "starts appfabric again") },
  "on-restart": {
    usage: `on-restart ${RESTARTS.join("|")}`,
    parse: ([how]) => {
      const found = RESTARTS.find((each) => each === how);
      return found === undefined ? null : page("on-restart", found, `does so with running programs when appfabric starts: ${found}`);
    },
  },
  "lose-controller": { usage: "lose-controller APP", parse: ([app]) => (app === undefined ? null : { kind: "lose-controller", app }) },
  clear: { usage: "clear", parse: () => ({ kind: "network", fault: null, told: "has its network as it should be" }) },
};

/** Words as typed. Error with all kinds when it is none of them. */
export function parseFault(typed: readonly string[]): LabFault {
  const [kind = "", ...rest] = typed;
  const named = new Map(
    rest.flatMap((word) => {
      const at = word.indexOf("=");
      return at > 0 ? [[word.slice(0, at), word.slice(at + 1)] as const] : [];
    }),
  );
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  const fault = shape?.parse(
    rest.filter((word) => !word.includes("=")),
    named,
  );
  if (fault !== null && fault !== undefined) return fault;
  if (shape !== undefined) throw new Error(`usage: fault ${shape.usage}`);
  throw new Error(
    `${kind === "" ? "no fault is named" : `there is no fault ${kind}`}; there are: ${Object.values(shapes)
      .map(({ usage }) => usage)
      .join("; ")}`,
  );
}

/** Error when nothing answers. Returns what was done. */
export async function inject(directory: string, fault: LabFault): Promise<string> {
  const lab = readLabFile(directory);
  if (fault.kind === "signal") {
    const found = processOf(directory);
    if (found === null || !isAlive(found)) throw new Error("CDAP has no process");
    process.kill(found.pid, fault.signal);
    return `lab: CDAP, pid ${String(found.pid)}, ${fault.told}`;
  }
  const client = new LabClient(lab);
  const post = async (name: string, body: unknown): Promise<void> => {
    if ((await client.call("POST", name, body)) === null) throw new Error(`nothing answers at ${lab.endpoint}`);
  };
  try {
    switch (fault.kind) {
      case "network":
        await post(NETWORK_PAGE, fault.fault);
        return `lab: CDAP ${fault.told}`;
      case "page":
        // Its own answer says what was wrong with it.
        if ((await client.page(fault.page, fault.body)) === null) await post("/ping", undefined);
        return `lab: CDAP ${fault.told}`;
      case "lose-controller": {
        const lost = (await activeRuns(client)).filter(({ app }) => app === fault.app);
        for (const { run } of lost) await client.page("lose-controller", { run });
        return `lab: the controllers of ${String(lost.length)} runs of ${fault.app} are gone: nothing ends them`;
      }
    }
  } finally {
    client.close();
  }
}
