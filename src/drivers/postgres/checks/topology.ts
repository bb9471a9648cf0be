// May one node stop now, and is the cluster what the cluster file says?
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodeNames, nowOf, primaries, standbys, structureOf, type NodeState, type PgFacts } from "../facts.ts";
import { lagLimitBytes } from "../invariants.ts";
import { needsRestart } from "../planning/modes.ts";
import { blocker, notMeasured, orPassed, passed, size, warning } from "./check-kit.ts";

export function topologyChecks(facts: PgFacts, goal: Goal): readonly Check[] {
  return [
    ...managers(facts),
    ...roles(facts),
    ...identity(facts),
    ...replication(facts),
    ...connections(facts, goal),
    ...privileges(facts),
    ...shared(facts, goal),
    ...rewind(facts, goal),
  ];
}

function managers(facts: PgFacts): readonly Check[] {
  const found = nodeNames(facts).flatMap((node) =>
    nowOf(facts, node).managers.map((what) =>
      blocker("SW6003", node, `another manager owns this cluster: ${what}`, {
        remedy: "Use that manager, or hand the cluster over first (stop it on every node, remove what it left).",
      }),
    ),
  );
  return orPassed(found, "SW6003", "cluster", "no sign of Patroni, repmgr or pg_auto_failover");
}

function roles(facts: PgFacts): readonly Check[] {
  const leaders = primaries(facts);
  if (leaders.length === 1) return [passed("one-primary", leaders[0] ?? "", "the only primary")];
  if (leaders.length === 0)
    return [blocker("one-primary", "cluster", "no node serves as the primary", { remedy: "Start the primary, or promote a standby by hand." })];
  return [
    blocker("one-primary", leaders.join(", "), "more than one primary: they have diverged or will", {
      remedy: "Find out which one the clients write to, and stop the other.",
    }),
  ];
}

function identity(facts: PgFacts): readonly Check[] {
  const identifiers = new Set(nodeNames(facts).map((node) => structureOf(facts, node).systemIdentifier));
  if (identifiers.size === 1 && !identifiers.has(null))
    return [passed("one-system", "cluster", `one system identifier: ${[...identifiers][0] ?? ""}`)];
  return [
    blocker("one-system", "cluster", "the nodes are not copies of one cluster", {
      remedy: nodeNames(facts)
        .map((node) => `${node}: ${structureOf(facts, node).systemIdentifier ?? "unknown"}`)
        .join("; "),
    }),
  ];
}

function stateInWords(state: NodeState): string {
  if (state === "down") return "is stopped";
  return state === "crashed" ? "has crashed: its control file says that it did not stop in order" : `is ${state}`;
}

function replication(facts: PgFacts): readonly Check[] {
  const [primary] = primaries(facts);
  const found = nodeNames(facts).flatMap((node): readonly Check[] => {
    const now = nowOf(facts, node);
    if (!now.up)
      return [
        blocker("all-serving", node, stateInWords(now.state), {
          remedy: `Start it, and look at its log.`,
        }),
      ];
    if (now.role !== "standby") return [];
    if (!now.streaming) {
      const target = now.follows === null ? "nobody" : `${now.follows.host}:${String(now.follows.port)}`;
      return [
        blocker(
          "streaming",
          node,
          `standby is not streaming from ${primary ?? "a primary"}; it is told to follow ${target}, last received ${now.position ?? "nothing"}`,
          {
            remedy: `See the log of ${node}; cascading standbys are not supported: every standby must follow the primary itself.`,
          },
        ),
      ];
    }
    if ((now.lagBytes ?? 0) > lagLimitBytes)
      return [
        blocker("lag", node, `is ${size(now.lagBytes ?? 0)} behind the primary`, {
          remedy: "Wait until it has caught up, or end what holds its replay.",
        }),
      ];
    return [passed("streaming", node, `streams from ${primary ?? ""}, ${size(now.lagBytes ?? 0)} behind in replay`)];
  });
  const fixed = nodeNames(facts).filter((node) => (structureOf(facts, node).settings["recovery_target_timeline"] ?? "latest") !== "latest");
  const strangers = nodeNames(facts).flatMap((node) =>
    nowOf(facts, node).otherSenders.map((who) =>
      warning("other-receivers", node, `${who} receives the log and is no node of this cluster: a switchover leaves it with the old primary`, {
        remedy: "Its owner must point it to the new primary (pg_receivewal, a standby outside, a logical consumer).",
      }),
    ),
  );
  const closed = nodeNames(facts).filter((node) => nowOf(facts, node).replicationRules === 0);
  return [
    ...found,
    ...orPassed(
      closed.map((node) =>
        blocker("may-replicate", node, "its pg_hba.conf lets nobody replicate from it: as the primary it would have no standby", {
          remedy: "Add a `host replication ...` line as the present primary has it, and reload.",
        }),
      ),
      "may-replicate",
      "cluster",
      "every node lets standbys connect",
    ),
    ...fixed.map((node) =>
      blocker("follows-timelines", node, "recovery_target_timeline is not `latest`: it could not follow a promoted standby", {
        remedy: `alter system reset recovery_target_timeline on ${node}, restart it.`,
      }),
    ),
    ...strangers,
    standbys(facts).length === 0
      ? warning("standbys", "cluster", "no standby serves: nobody can take over")
      : passed("standbys", "cluster", `${String(standbys(facts).length)} standby(s) serve`),
  ];
}

/** A standby is told whom to follow anew when the role has moved and before each of its starts: too late to find out that nobody knows how. */
function connections(facts: PgFacts, goal: Goal): readonly Check[] {
  if (!needsRestart(facts, goal) || facts.structure.namesReplicationUser === true) return [];
  return standbys(facts)
    .filter((node) => nowOf(facts, node).follows === null)
    .map((node) =>
      blocker("connects-as", node, "its primary_conninfo cannot be read: how it would connect to another primary is not known", {
        remedy: "Mend primary_conninfo, or add replicationUser (and replicationPassword) to the cluster file's options.",
      }),
    );
}

function privileges(facts: PgFacts): readonly Check[] {
  const users = nodeNames(facts).filter((node) => nowOf(facts, node).up && !nowOf(facts, node).superuser);
  const owners = nodeNames(facts).filter((node) => !nowOf(facts, node).ownsData);
  return [
    ...orPassed(
      users.map((node) =>
        blocker("superuser", node, "the user of the cluster file is no superuser there: slots and checkpoints need one", {
          remedy: "Give another `user` in the cluster file.",
        }),
      ),
      "superuser",
      "cluster",
      "the user may create slots and checkpoints",
    ),
    ...orPassed(
      owners.map((node) =>
        blocker("host-user", node, "commands on its host do not run as the owner of its data directory", {
          remedy: "Let Stillwater reach the host as that user (`user` of a local host, `address: user@host`).",
        }),
      ),
      "host-user",
      "cluster",
      "commands on the hosts run as the owner of the data directories",
    ),
  ];
}

function shared(facts: PgFacts, goal: Goal): readonly Check[] {
  if (goal.version === null) return [];
  const found: Check[] = [];
  const owners = new Map<string, string>();
  for (const node of nodeNames(facts)) {
    const { host, installation } = structureOf(facts, node);
    const place = JSON.stringify([host, installation]);
    const other = owners.get(place);
    if (other === undefined) owners.set(place, node);
    else
      found.push(
        blocker("own-installation", node, `shares ${installation} with ${other}: replacing it would change both at once`, {
          remedy: "Give each node a link or directory of its own.",
        }),
      );
  }
  return orPassed(found, "own-installation", "cluster", "every node has an installation of its own");
}

function rewind(facts: PgFacts, goal: Goal): readonly Check[] {
  if (!needsRestart(facts, goal)) return [];
  const without = nodeNames(facts).filter((node) => !nowOf(facts, node).dataChecksums && !nowOf(facts, node).walLogHints);
  if (without.length === 0) return [passed("rewind-possible", "cluster", "data checksums or wal_log_hints are on: pg_rewind would be possible")];
  return [
    warning("rewind-possible", without.join(", "), "neither data checksums nor wal_log_hints: a diverged node could only be copied anew", {
      remedy: "Not needed by a controlled switchover; set wal_log_hints = on at the next restart.",
    }),
    notMeasured("rewind-tool", "cluster", "whether the release has bin/pg_rewind is looked at only when a node has diverged"),
  ];
}
