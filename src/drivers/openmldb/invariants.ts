// What no step may make worse, and what must hold before each turn. Pure.
import type { Finding, Invariant } from "../../model/facts.ts";
import { leaderOf, nodesOf, type OmFacts, type OmPartition } from "./facts.ts";

const named = ({ table, pid }: OmPartition): string => `${table}/${String(pid)}`;
const nodeAt = (facts: OmFacts, endpoint: string): string =>
  Object.entries(facts.structure.nodes).find(([, node]) => node.endpoint === endpoint)?.[0] ?? endpoint;
const partitions = (facts: OmFacts): readonly OmPartition[] => Object.values(facts.now.partitions);
const tabletsDown = (facts: OmFacts): readonly string[] =>
  nodesOf(facts, "tablet").filter((node) => facts.now.nodes[node]?.process === "down" || facts.now.nodes[node]?.state === "offline");

/** `maxUnavailable`: tablets that may be down at a time. */
export const invariants = (maxUnavailable: number): readonly Invariant<OmFacts>[] => [
  {
    name: "every partition is led",
    holds: "always",
    broken: (facts) =>
      partitions(facts).flatMap((partition): readonly Finding[] => {
        const leader = leaderOf(partition);
        if (leader === null) return [{ object: named(partition), what: "no replica leads that is alive" }];
        return leader.own === null ? [{ object: named(partition), what: `its leader on ${nodeAt(facts, leader.endpoint)} is not there` }] : [];
      }),
  },
  {
    name: "enough tablets up",
    holds: "always",
    broken(facts) {
      const down = tabletsDown(facts);
      return down.length > maxUnavailable
        ? [{ object: down.join(", "), what: `${String(down.length)} tablets down; the policy allows ${String(maxUnavailable)}` }]
        : [];
    },
  },
  {
    name: "no nameserver is restarted while a tablet is down",
    holds: "always",
    broken(facts) {
      const nameservers = nodesOf(facts, "nameserver").filter((node) => facts.now.nodes[node]?.process === "down");
      const tablets = tabletsDown(facts);
      return nameservers.length > 0 && tablets.length > 0 ? [{ object: nameservers.join(", "), what: `tablet ${tablets.join(", ")} is down` }] : [];
    },
  },
  {
    name: "one nameserver leads",
    holds: "between turns",
    broken: (facts) => (facts.now.nameserver === null ? [{ object: "cluster", what: "no nameserver leads" }] : []),
  },
  {
    name: "every component runs",
    holds: "between turns",
    broken: (facts) =>
      Object.entries(facts.now.nodes).flatMap(([node, { process, state }]): readonly Finding[] => {
        if (process === "down") return [{ object: node, what: "is stopped" }];
        return state === "offline" || state === "unregistered" ? [{ object: node, what: "is not registered" }] : [];
      }),
  },
  {
    name: "every replica follows",
    holds: "between turns",
    broken: (facts) =>
      partitions(facts).flatMap((partition) => {
        const wanted = facts.structure.tables[partition.table]?.replicas ?? 0;
        const sick = partition.replicas.flatMap((replica): readonly Finding[] => {
          const object = `${named(partition)} on ${nodeAt(facts, replica.endpoint)}`;
          if (!replica.alive) return [{ object, what: "is not alive" }];
          if (replica.own === null) return [{ object, what: "is not loaded" }];
          return replica.own.mode === "leader" && !replica.leads ? [{ object, what: "leads by its own word only" }] : [];
        });
        return partition.replicas.length < wanted
          ? [...sick, { object: named(partition), what: `has ${String(partition.replicas.length)} of ${String(wanted)} replicas` }]
          : sick;
      }),
  },
];
