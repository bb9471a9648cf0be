// The rows of `inspect` and `status`. Pure.
import type { NodeView } from "../../model/facts.ts";
import { nodesOf, type OmFacts, type OmNodeNow } from "./facts.ts";
import { behind, ledBy, partitionsOn } from "./partition-health.ts";

/** `addressOf`: HOST:PORT where a node listens. */
export function nodeViews(facts: OmFacts, addressOf: (node: string) => string): readonly NodeView[] {
  return Object.entries(facts.structure.nodes).map(([name, { role, endpoint, installed }]) => {
    const now = facts.now.nodes[name];
    const state = now === undefined ? "unreachable" : stateOf(now);
    const words = now === undefined ? [] : [...roleWords(facts, name, endpoint, now), ...processWords(now)];
    return { name, role, endpoint: addressOf(name), version: now?.running ?? null, installed, state, detail: words.join(", ") };
  });
}

function stateOf({ process, state }: OmNodeNow): NodeView["state"] {
  if (process === "down") return "down";
  switch (state) {
    case "healthy":
    case "leader":
    case "standby":
    case "answers":
      return "serving";
    case "offline":
    case "unregistered":
    case "silent":
      return "unreachable";
  }
}

function roleWords(facts: OmFacts, name: string, endpoint: string, now: OmNodeNow): readonly string[] {
  switch (facts.structure.nodes[name]?.role) {
    case "nameserver":
      if (now.state === "silent") return ["does not answer"];
      return [facts.now.nameserver === endpoint ? "leads" : "standby"];
    case "tablet":
      return tabletWords(facts, endpoint, now);
    case "taskmanager":
      if (now.state === "leader") return ["leads"];
      if (now.state !== "standby") return ["does not answer"];
      // Its port, which tells the version too, opens when it leads.
      return [taskmanagerLeads(facts) ? "standby: port closed" : "none leads yet"];
    case "apiserver":
      return now.state === "silent" ? ["does not answer"] : [];
    case undefined:
      return [];
  }
}
const taskmanagerLeads = (facts: OmFacts): boolean => nodesOf(facts, "taskmanager").some((node) => facts.now.nodes[node]?.state === "leader");

function tabletWords(facts: OmFacts, endpoint: string, now: OmNodeNow): readonly string[] {
  const held = partitionsOn(facts, endpoint);
  const leads = ledBy(facts, endpoint).length;
  const lags = held.flatMap((partition) =>
    partition.replicas.flatMap((replica) => (replica.endpoint === endpoint && !(replica.leads && replica.alive) ? [behind(partition, replica)] : [])),
  );
  const missing = lags.filter((lag) => lag === null).length;
  const farthest = lags.reduce<number>((most, lag) => Math.max(most, lag ?? 0), 0);
  const registered = now.state === "healthy" ? [] : [now.state === "offline" ? "kOffline" : "not registered"];
  return [
    ...registered,
    `leads ${String(leads)}/${String(held.length)}`,
    ...(farthest > 0 ? [`at most ${String(farthest)} behind`] : []),
    ...(missing > 0 ? [`${String(missing)} not loaded`] : []),
  ];
}
function processWords({ process, pid }: OmNodeNow): readonly string[] {
  switch (process) {
    case "daemon":
      return [pid === null ? "mon waits to start it again" : "under mon"];
    case "daemon-lost-mon":
      return ["its mon has crashed (OM-7)"];
    case "background":
      return [];
    case "down":
      return ["its process does not run"];
  }
}
