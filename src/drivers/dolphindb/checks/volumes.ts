// How full the volumes of data nodes are: a node above volumeUsageThreshold takes no more, and with a host down the others take its share of what is written.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster } from "../cluster.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import { rowsOf, textIn, type Row } from "../wire/read-value.ts";
import { asked, unanswered, type Asked } from "./ask.ts";
import { notMeasured, orPassed, warning } from "./check-kit.ts";
import { viewOf } from "./view.ts";

const code = "volume-usage";
const source = "facts 5.4, 2; release notes 2.00.10: volumeUsageThreshold";
/** What the others may have to take while a host is away. */
const margin = 0.1;

interface Volume {
  readonly path: string | null;
  /** 0 to 1. */
  readonly used: number;
}

export async function volumeChecks(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  const { refuse, setting } = viewOf(facts, goal);
  const { leader } = facts.now;
  if (leader === null) return [];
  const answer = await usage(cluster, leader);
  if (answer.is !== "answer") return [unanswered(code, "data nodes", "how full their volumes are could not be asked", answer)];
  const found = nodesOf(facts, "datanode").flatMap((name): readonly Check[] => {
    const volumes = answer.value.get(name) ?? [];
    const fullest = volumes.toSorted((a, b) => b.used - a.used)[0];
    if (fullest === undefined)
      return [notMeasured(code, name, "the controller does not say how full its volumes are", { remedy: "See df on its host.", source })];
    const set = Number(setting(name, "volumeUsageThreshold") ?? 1);
    const threshold = set > 0 && set <= 1 ? set : 1;
    const limit = threshold < 1 ? `volumeUsageThreshold is ${percent(threshold)}` : "no volumeUsageThreshold is set";
    const what = `${fullest.path ?? "its volume"} is ${percent(fullest.used)} full, ${limit}`;
    if (fullest.used >= threshold)
      return [
        refuse(code, name, `${what}: it takes no more data`, {
          remedy: "Free space or add a volume first.",
          price: "writes that need this node fail already, and with a host down more of them need it",
          source,
        }),
      ];
    if (fullest.used < threshold - margin) return [];
    return [
      warning(code, name, `${what}: with a host down it takes a share of that host's data, too`, { remedy: "Free space, or add a volume.", source }),
    ];
  });
  return orPassed(found, code, "data nodes", `every volume is more than ${percent(margin)} below what it may hold`);
}
const percent = (part: number): string => `${String(Math.floor(part * 100))} %`;

/** By name of the data node. One question at a time: getClusterPerf() on several controllers at once can hang them (facts 1.3). */
async function usage(cluster: DdCluster, leader: string): Promise<Asked<ReadonlyMap<string, readonly Volume[]>>> {
  // From 2.00.17 and 3.00.4 on; it tells of each volume.
  const volumes = await asked(async () =>
    byNode(
      cluster,
      rowsOf(leader, "getClusterVolumeUsage()", await cluster.rpc.call(leader, "getClusterVolumeUsage"), ["node", "usage", "capacity"]),
      "node",
      (row) => ratio(row, "usage", "capacity"),
    ),
  );
  if (volumes.is !== "unknown-function") return volumes;
  return asked(async () =>
    byNode(cluster, rowsOf(leader, "getClusterPerf()", await cluster.rpc.call(leader, "getClusterPerf"), ["name"]), "name", (row) => {
      const free = numberIn(row, "diskFreeSpaceRatio");
      return free === null ? null : 1 - free;
    }),
  );
}
function byNode(
  cluster: DdCluster,
  rows: readonly Row[],
  column: string,
  usedIn: (row: Row) => number | null,
): ReadonlyMap<string, readonly Volume[]> {
  const found = new Map<string, readonly Volume[]>();
  for (const row of rows) {
    const node = cluster.aliased(textIn(row, column) ?? "");
    const used = usedIn(row);
    if (node !== null && used !== null) found.set(node.name, [...(found.get(node.name) ?? []), { path: textIn(row, "volumePath"), used }]);
  }
  return found;
}
function ratio(row: Row, part: string, whole: string): number | null {
  const [some, all] = [numberIn(row, part), numberIn(row, whole)];
  return some === null || all === null || all <= 0 ? null : some / all;
}
function numberIn(row: Row, column: string): number | null {
  const value = row.get(column);
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : null;
}
