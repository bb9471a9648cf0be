// Tables, partitions and replicas: may a tablet be taken away now?
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodesOf, type OmFacts, type OmPartition } from "../facts.ts";
import { behind, isBroken, partitionName, partitionsOn, sicknesses } from "../partition-health.ts";
import { blocker, count, notMeasured, orPassed, passed, size, some, warning } from "./check-kit.ts";
import { heals, touchedOf } from "./scope.ts";

export function tableChecks(facts: OmFacts, goal: Goal): readonly Check[] {
  return [...partitions(facts, goal), ...tableStatus(facts, goal), ...singleReplicas(facts, goal), ...systemTables(facts, goal)];
}

function partitions(facts: OmFacts, goal: Goal): readonly Check[] {
  const all = Object.values(facts.now.partitions);
  const say = heals(goal) ? warning : blocker;
  const remedy = "`stillwater recover` heals what is sick, and touches nothing else.";
  const broken = all.filter(isBroken);
  const sick = all.filter((partition) => !isBroken(partition)).map((partition) => [partitionName(partition), sicknesses(partition)] as const);
  const lags = all.flatMap((partition) => partition.replicas.map((replica) => behind(partition, replica) ?? 0));
  const replicas = all.reduce((sum, partition) => sum + partition.replicas.length, 0);
  return [
    ...orPassed(
      broken.map((partition) => say("partitions-led", partitionName(partition), some(sicknesses(partition)), { remedy })),
      "partitions-led",
      "cluster",
      `${count(all.length, "partition")}, each with an alive leader that says so itself`,
    ),
    ...orPassed(
      sick.flatMap(([name, what]) => (what.length === 0 ? [] : [say("replicas-loaded", name, some(what), { remedy })])),
      "replicas-loaded",
      "cluster",
      `${count(replicas, "replica")} alive and loaded, the farthest ${String(Math.max(0, ...lags))} entries behind its leader`,
    ),
    ...orPassed(replicaCounts(facts, goal), "replica-count", "cluster", "every partition has as many replicas as its table is meant to have"),
  ];
}

function replicaCounts(facts: OmFacts, goal: Goal): readonly Check[] {
  const say = heals(goal) ? warning : blocker;
  return Object.entries(facts.structure.tables).flatMap(([name, table]) =>
    Object.entries(table.placement).flatMap(([pid, endpoints]): readonly Check[] => {
      if (endpoints.length === table.replicas) return [];
      const what = `${count(endpoints.length, "replica")}, meant are ${String(table.replicas)}`;
      if (endpoints.length > table.replicas)
        return [
          warning("replica-count", `${name}/${pid}`, `${what}: an extra one that some tool has left?`, {
            remedy: "delreplica, once it is known which one is extra.",
          }),
        ];
      return [
        say("replica-count", `${name}/${pid}`, what, {
          remedy: "addreplica until the number is right.",
          price: "one copy less of it while its tablet is down",
        }),
      ];
    }),
  );
}

function tableStatus({ now }: OmFacts, goal: Goal): readonly Check[] {
  if (now.warnings === null)
    return [
      notMeasured(
        "table-status",
        "cluster",
        "SHOW TABLE STATUS was not asked: no APIServer answers; partitions and replicas were looked at one by one instead",
        {
          remedy: "Start an APIServer and name it in the cluster file.",
        },
      ),
    ];
  const say = heals(goal) ? warning : blocker;
  return orPassed(
    now.warnings.map((text) => {
      const colon = text.indexOf(": ");
      return say("table-status", text.slice(0, Math.max(0, colon)), text.slice(colon + 2), {
        remedy: "`stillwater recover`; what the text names may also be seen in the tablet's log.",
        price: "the table may have one copy less than it seems, and none while a tablet is down",
      });
    }),
    "table-status",
    "cluster",
    "SHOW TABLE STATUS has no warning, hidden databases included",
  );
}

const singleOn = (facts: OmFacts, node: string): readonly OmPartition[] =>
  partitionsOn(facts, facts.structure.nodes[node]?.endpoint ?? "").filter(({ replicas }) => replicas.length === 1);

/** OM-1, OM-2: a replica is added before, or the table is unavailable meanwhile. */
function singleReplicas(facts: OmFacts, goal: Goal): readonly Check[] {
  const scope = goal.maintenance?.is === "restore" ? [] : touchedOf(facts, goal, "tablet");
  const policy = goal.options["single-replica"];
  const hit = scope.flatMap((node) => singleOn(facts, node).map((partition) => ({ node, partition })));
  if (hit.length === 0) return [passed("single-replica", "cluster", "no table with a single replica is touched")];
  const tables = [...new Set(hit.map(({ partition }) => partition.table))];
  const what = `${count(hit.length, "partition")} with a single replica on tablets of this plan`;
  const findings: Check[] = [];
  if (policy === "allow-unavailable")
    findings.push(
      warning("single-replica", some(tables), `${what}: unavailable while the tablet is down, as single-replica=allow-unavailable accepts`, {
        remedy: "-o single-replica=add-replica keeps them available, for the price of memory.",
      }),
    );
  else if (policy === "add-replica")
    findings.push(passed("single-replica", some(tables), `${what}: each gets a replica before, which is deleted after`));
  else
    findings.push(
      blocker("single-replica", some(tables), `${what}: what shall happen to them is not said`, {
        remedy: "-o single-replica=add-replica (needs memory on another tablet), or -o single-replica=allow-unavailable.",
      }),
    );
  return policy === "add-replica" ? [...findings, ...scope.flatMap((node) => room(facts, node))] : findings;
}

/** The largest first, each to the tablet with the most room, as a person would. Tablets are taken down one after another, so each is judged alone. */
function room(facts: OmFacts, node: string): readonly Check[] {
  const extra = singleOn(facts, node).toSorted((a, b) => b.bytes - a.bytes);
  if (extra.length === 0) return [];
  const others = nodesOf(facts, "tablet").filter((name) => name !== node && facts.now.nodes[name]?.state === "healthy");
  if (others.length === 0)
    return [
      blocker("memory", node, "no other healthy tablet could take an extra replica", {
        remedy: "Use single-replica=allow-unavailable, or add a tablet.",
      }),
    ];
  const unknown = others.filter((name) => facts.now.nodes[name]?.maxMemoryBytes == null || facts.now.nodes[name].memoryBytes === null);
  const total = extra.reduce((sum, { bytes }) => sum + bytes, 0);
  if (unknown.length > 0)
    return [
      notMeasured("memory", node, `${size(total)} of extra replicas; how much memory ${some(unknown)} may use is not known`, {
        remedy: "Set max_memory_mb on the tablets, or look at the memory of their hosts.",
      }),
    ];
  const free = new Map(others.map((name) => [name, (facts.now.nodes[name]?.maxMemoryBytes ?? 0) - (facts.now.nodes[name]?.memoryBytes ?? 0)]));
  for (const partition of extra) {
    const [name, most] = [...free].toSorted(([, a], [, b]) => b - a)[0] ?? ["", 0];
    if (most < partition.bytes)
      return [
        blocker(
          "memory",
          node,
          `${size(total)} of extra replicas do not fit: ${partitionName(partition)} has ${size(partition.bytes)}, and at most ${size(Math.max(0, most))} are free on ${name}`,
          {
            remedy: "Use single-replica=allow-unavailable, or give a tablet more memory.",
          },
        ),
      ];
    free.set(name, most - partition.bytes);
  }
  return [passed("memory", node, `${size(total)} of extra replicas fit on ${some(others)}`)];
}

function systemTables(facts: OmFacts, goal: Goal): readonly Check[] {
  const needed = facts.now.settings.systemTableReplicas;
  const live = nodesOf(facts, "tablet").filter((name) => facts.now.nodes[name]?.state === "healthy").length;
  const numbers = `system_table_replica_num is ${String(needed)}, ${count(live, "tablet")} live`;
  const source = { source: "upstream issue #3870; facts 3.3" };
  if (touchedOf(facts, goal, "nameserver").length > 0 && live < needed)
    return [
      blocker("system-tables", "nameserver", `would end at its start: ${numbers}`, {
        remedy: "Start the tablets first, or set system_table_replica_num to the number of tablets.",
        ...source,
      }),
    ];
  if (touchedOf(facts, goal, "tablet").length > 0 && live - 1 < needed)
    return [
      warning("system-tables", "nameserver", `could not be started while a tablet is down: ${numbers}`, {
        remedy: "The plan never restarts one then; one that crashed in that window would stay down until the tablet is back.",
        ...source,
      }),
    ];
  return [passed("system-tables", "nameserver", numbers)];
}
