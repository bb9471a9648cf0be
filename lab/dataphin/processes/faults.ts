// What can be made to go wrong in a lab of processes.
import { setTimeout as after } from "node:timers/promises";
import { NETWORK_PAGE, type NetworkFault } from "../../kit/lab-network.ts";
import { processesBelow } from "../../kit/process-table.ts";
import type { ComponentName } from "../logic/cluster.ts";
import { LabClient } from "./ask.ts";
import { componentOf, directoryOf, readLabFile, type LabFile } from "./lab-file.ts";
import { start } from "./up.ts";

interface FaultKind {
  readonly usage: string;
  /** Says what was done. Error when it does not understand. */
  run(lab: LabFile, client: LabClient, words: readonly string[]): Promise<string>;
}

function signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT", done: string): FaultKind {
  return {
    usage: "COMPONENT",
    run: async (lab, _, [word = ""]) => {
      const component = componentOf(word);
      const found = processesBelow(directoryOf(lab, component));
      if (found.length === 0) throw new Error(`${component} does not run`);
      for (const { pid } of found) process.kill(pid, name);
      // It is gone a moment after it was killed: whoever starts it next must not find it running.
      if (name === "SIGKILL") await gone(lab, component);
      return `${component} ${done}`;
    },
  };
}
const GONE_WITHIN_MS = 10_000;
async function gone(lab: LabFile, component: ComponentName): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (processesBelow(directoryOf(lab, component)).length > 0) {
    if (performance.now() > deadline) throw new Error(`${component} was killed and does not go`);
    await after(20);
  }
}
async function network(lab: LabFile, client: LabClient, component: ComponentName, fault: NetworkFault | null): Promise<void> {
  if ((await client.ask(lab.endpoints[component], "POST", NETWORK_PAGE, fault)) === null) throw new Error(`${component} does not answer`);
}
/** At one of the lab's own pages. */
function defect(usage: string, component: ComponentName, path: string, body: (words: readonly string[]) => object): FaultKind {
  return {
    usage,
    run: async (lab, client, words) => {
      const reply = await client.ask(lab.endpoints[component], "POST", path, body(words));
      if (reply?.status !== 200) throw new Error(reply === null ? `${component} does not answer` : reply.body);
      return "done";
    },
  };
}
const platform = (kind: string, usage = "[COUNT]"): FaultKind =>
  defect(usage, "platform", "/lab/platform/fault", ([count = "1"]) => ({ kind, count: Number(count) }));

const kinds: Readonly<Record<string, FaultKind>> = {
  kill: signal("SIGKILL", "was killed"),
  freeze: signal("SIGSTOP", "is frozen"),
  thaw: signal("SIGCONT", "goes on"),
  start: {
    usage: "COMPONENT",
    run: (lab, _, [word = ""]) => {
      const component = componentOf(word);
      if (processesBelow(directoryOf(lab, component)).length > 0) throw new Error(`${component} runs already`);
      start(lab, component);
      return Promise.resolve(`${component} starts`);
    },
  },
  cut: {
    usage: "COMPONENT",
    run: async (lab, client, [word = ""]) => {
      await network(lab, client, componentOf(word), { kind: "cut", peer: "*" });
      return `nothing goes to ${word} or from it`;
    },
  },
  "lose-reply": {
    usage: "COMPONENT WORDS [COUNT]",
    run: async (lab, client, [word = "", path = "", count = "1"]) => {
      await network(lab, client, componentOf(word), { kind: "lose-reply", path, count: Number(count) });
      return `the next ${count} answers of ${word} to ${path} are lost`;
    },
  },
  delay: {
    usage: "COMPONENT MS",
    run: async (lab, client, [word = "", ms = "0"]) => {
      await network(lab, client, componentOf(word), { kind: "delay", ms: Number(ms) });
      return `${word} answers ${ms} ms later`;
    },
  },
  clear: {
    usage: "COMPONENT",
    run: async (lab, client, [word = ""]) => {
      await network(lab, client, componentOf(word), null);
      return `the network of ${word} is whole again`;
    },
  },
  "backup-full": platform("backup"),
  "data-update-fails": platform("data-update"),
  "pod-never-ready": platform("pod-never-ready"),
  "kill-pod": platform("kill-pod"),
  "lose-executor": defect("INSTANCE|*", "executors", "/lab/executors/lose", ([instance = "*"]) => ({ instance })),
  "fail-checkpoint": defect("JOB|* [COUNT]", "realtime", "/lab/realtime", ([job = "*", count = "1"]) => ({
    fault: "fail-checkpoint",
    job,
    count: Number(count),
  })),
  "fail-job": defect("JOB|*", "realtime", "/lab/realtime", ([job = "*"]) => ({ fault: "restart", job })),
};

/** `words` as typed: KIND and what it wants. Error with all kinds when it is none of them. Returns what was done. */
export async function inject(directory: string, [kind = "", ...words]: readonly string[]): Promise<string> {
  const found = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (found === undefined)
    throw new Error(
      `no fault ${kind}; there are ${Object.entries(kinds)
        .map(([name, { usage }]) => `${name} ${usage}`)
        .join(", ")}`,
    );
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  try {
    return `${kind}: ${await found.run(lab, client, words)}`;
  } finally {
    client.close();
  }
}
