// What no step may make worse, and what must hold before each turn. Pure.
import type { Finding, Invariant } from "../../model/facts.ts";
import { nodesOf, nodesOn, type DdFacts, type Role } from "./facts.ts";

const down = (facts: DdFacts, role: Role): readonly string[] => nodesOf(facts, role).filter((node) => facts.now.nodes[node]?.state !== "serving");
const hostOf = (facts: DdFacts, node: string): string => facts.structure.nodes[node]?.host ?? node;

/** `maxUnavailable`: hosts that may be down at a time. */
export const invariants = (maxUnavailable: number): readonly Invariant<DdFacts>[] => [
  {
    name: "a majority of controllers",
    holds: "always",
    broken(facts) {
      const all = nodesOf(facts, "controller").length;
      const lost = down(facts, "controller");
      return all > 1 && lost.length * 2 >= all
        ? [{ object: lost.join(", "), what: `${String(lost.length)} of ${String(all)} controllers do not serve: the Raft group has no majority` }]
        : [];
    },
  },
  {
    name: "enough data nodes for every write",
    holds: "always",
    broken(facts) {
      const all = nodesOf(facts, "datanode");
      const lost = down(facts, "datanode");
      const online = all.length - lost.length;
      const wanted = facts.structure.replicationFactor;
      // Facts 0.4: a write needs as many data nodes online as chunks have replicas.
      return all.length > 0 && online < wanted
        ? [
            {
              object: lost.join(", "),
              what: `${String(online)} data nodes online, dfsReplicationFactor is ${String(wanted)}: every write is refused`,
            },
          ]
        : [];
    },
  },
  {
    name: "every chunk has a replica that serves",
    holds: "always",
    broken: (facts) =>
      Object.entries(facts.now.chunks?.onOneHost ?? {}).flatMap(([host, count]): readonly Finding[] => {
        const holders = nodesOn(facts, host).filter((node) => facts.structure.nodes[node]?.role === "datanode");
        const gone = holders.length > 0 && holders.every((node) => facts.now.nodes[node]?.state !== "serving");
        return gone && count > 0
          ? [{ object: host, what: `${String(count)} chunks have replicas on it alone, and its data nodes do not serve` }]
          : [];
      }),
  },
  {
    name: "not too many hosts down",
    holds: "always",
    broken(facts) {
      const hosts = [
        ...new Set(
          Object.keys(facts.structure.nodes)
            .filter((node) => facts.now.nodes[node]?.state !== "serving")
            .map((node) => hostOf(facts, node)),
        ),
      ];
      return hosts.length > maxUnavailable
        ? [
            {
              object: hosts.join(", "),
              what: `${String(hosts.length)} hosts have a node that does not serve; the policy allows ${String(maxUnavailable)}`,
            },
          ]
        : [];
    },
  },
  {
    name: "one controller leads",
    holds: "between turns",
    broken: (facts) => (facts.now.leader === null ? [{ object: "controllers", what: "none leads" }] : []),
  },
  {
    name: "every node serves",
    holds: "between turns",
    broken: (facts) =>
      Object.entries(facts.now.nodes).flatMap(([node, { state }]): readonly Finding[] =>
        state === "serving" ? [] : [{ object: node, what: `is ${state}` }],
      ),
  },
  {
    name: "every chunk is whole",
    holds: "between turns",
    broken: ({ now: { chunks } }) => {
      if (chunks === null) return [{ object: "chunks", what: "no leader could be asked" }];
      const wrong = [
        [chunks.recovering, "RECOVERING"],
        [chunks.underReplicated, "with fewer replicas than dfsReplicationFactor"],
        [chunks.unequal, "with unequal or corrupted replicas"],
      ] as const;
      return wrong.flatMap(([count, what]): readonly Finding[] => (count > 0 ? [{ object: "chunks", what: `${String(count)} ${what}` }] : []));
    },
  },
];
