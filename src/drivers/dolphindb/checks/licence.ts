// The licence (facts 1.7, 5.4): what runs tolerates an expired one for 15 days, a restart does not. Asked of a node on each host, for what it has in memory
// and for the file that a restart will read.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import { isWithinCap } from "../compatibility/version.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import type { Dictionary, Value } from "../rpc.ts";
import { Malformed } from "../wire/errors.ts";
import { asked, unanswered, type Asked } from "./ask.ts";
import { blocker, count, passed, warning } from "./check-kit.ts";

const code = "licence";
const source = "vendor's page on license(); facts 1.7, 5.4";
const dayMs = 24 * 3_600_000;
/** A run with room for trouble. */
const marginDays = 2;
const soonDays = 30;

export interface Licence {
  /** Null: no cap. */
  readonly cap: string | null;
  /** Milliseconds since 1970, the day itself included; null: it does not say. */
  readonly expires: number | null;
  readonly maxNodes: number | null;
  readonly maxMemoryGb: number | null;
  readonly maxCores: number | null;
  /** 2: online; 3: licence server. */
  readonly type: number | null;
}

export async function licenceChecks(cluster: DdCluster, facts: DdFacts, goal: Goal, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  const found = await Promise.all(nodes.map((node) => ofNode(cluster, facts, goal, node)));
  return found.flat();
}

async function ofNode(cluster: DdCluster, facts: DdFacts, goal: Goal, node: DdNode): Promise<readonly Check[]> {
  const file = `${node.server}/dolphindb.lic`;
  const inFile = await ask(cluster, node, [file]);
  // Older releases read the file without being told to (facts 1.7).
  const inMemory = inFile.is === "answer" ? inFile : await ask(cluster, node, []);
  if (inMemory.is !== "answer") return [unanswered(code, node.hostName, "what the licence allows could not be asked", inMemory)];
  const where = inFile.is === "answer" ? `${file} on ${node.hostName}` : `the licence of ${node.name}`;
  const running = inFile.is === "answer" ? await ask(cluster, node, []) : inMemory;
  const cores = await coresOf(node);
  return judge(inMemory.value, { where, facts, goal, now: cluster.now(), running: running.is === "answer" ? running.value : null, cores });
}

/** Processors of its host; null: it does not tell. */
async function coresOf({ host }: DdNode): Promise<number | null> {
  const { code: ended, stdout } = await host.query(["nproc"], { timeoutMs: 10_000 });
  return ended === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : null;
}
const ask = (cluster: DdCluster, { name }: DdNode, args: readonly Value[]): Promise<Asked<Licence>> =>
  asked(async () => licenceOf(name, await cluster.rpc.call(name, "license", args)));

/** Throws Malformed for what is no dictionary with at least one of the documented keys. */
export function licenceOf(server: string, value: Value): Licence {
  const isDictionary = (each: Value): each is Dictionary => typeof each === "object" && each !== null && "is" in each && each.is === "dictionary";
  if (!isDictionary(value)) throw new Malformed(server, "license() is not a dictionary");
  const { entries } = value;
  const number = (key: string): number | null => {
    const found = entries.get(key) ?? null;
    return typeof found === "number" ? found : typeof found === "bigint" ? Number(found) : null;
  };
  if (!entries.has("expiration") && !entries.has("version")) throw new Malformed(server, "license() says neither expiration nor version");
  const cap = entries.get("version") ?? null;
  return {
    cap: typeof cap === "string" && cap.trim() !== "" ? cap.trim() : null,
    expires: dateOf(entries.get("expiration") ?? null),
    maxNodes: number("maxNodes"),
    maxMemoryGb: number("maxMemoryPerNode"),
    maxCores: number("maxCoresPerNode"),
    type: number("licenseType"),
  };
}
/** A DATE is days since 1970; some releases say it as `2024.09.30`. */
function dateOf(value: Value): number | null {
  if (typeof value === "number") return value * dayMs;
  const [, year, month, day] = (typeof value === "string" ? /^(\d{4})\.(\d{2})\.(\d{2})$/.exec(value) : null) ?? [];
  return year === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(day));
}

/** As many as the host has and the licence in memory allows; null: neither tells. */
function coresInUse(running: Licence | null, cores: number | null): number | null {
  const allowed = running?.maxCores ?? null;
  if (allowed === null || allowed <= 0) return null;
  return cores === null ? allowed : Math.min(allowed, cores);
}
interface Judging {
  readonly where: string;
  readonly facts: DdFacts;
  readonly goal: Goal;
  readonly now: number;
  /** What the node runs with now; null: it does not tell. */
  readonly running: Licence | null;
  /** Processors of the host; null: it does not tell. */
  readonly cores: number | null;
}
export function judge(licence: Licence, { where, facts, goal, now, running, cores }: Judging): readonly Check[] {
  const { cap, expires, maxNodes, maxMemoryGb, maxCores, type } = licence;
  const found: Check[] = [];
  const replace =
    "Get a licence from the vendor, replace server/dolphindb.lic on every host, and use ops::updateAllLicenses() to take it over without a restart.";
  if (goal.version !== null && cap !== null && isWithinCap(goal.version, cap) !== true)
    found.push(
      blocker(code, where, `allows servers up to ${cap}, not ${goal.version}: a node of that release does not start`, { remedy: replace, source }),
    );
  if (expires !== null) {
    const left = Math.floor((expires + dayMs - now) / dayMs);
    const day = new Date(expires).toISOString().slice(0, 10);
    if (left < marginDays)
      found.push(
        blocker(
          code,
          where,
          left < 0
            ? `expired on ${day}: what runs goes on for 15 days, and nothing starts again`
            : `expires on ${day}, before a run with trouble would be over`,
          {
            remedy: replace,
            source,
          },
        ),
      );
    else if (left < soonDays) found.push(warning(code, where, `expires on ${day}, in ${count(left, "day")}`, { remedy: replace, source }));
  }
  const servers = nodesOf(facts, "datanode").length + nodesOf(facts, "computenode").length;
  if (maxNodes !== null && maxNodes > 0 && servers > maxNodes)
    found.push(
      blocker(code, where, `allows ${count(maxNodes, "node")}, and the cluster has ${String(servers)} data and compute nodes`, {
        remedy: replace,
        source,
      }),
    );
  const memory = Object.entries(facts.structure.nodes).flatMap(([name, { settings }]) => {
    const wanted = Number(settings?.["maxMemSize"] ?? 0);
    return maxMemoryGb !== null && maxMemoryGb > 0 && wanted > maxMemoryGb ? [`${name} ${String(wanted)} GB`] : [];
  });
  if (memory.length > 0)
    found.push(
      warning(code, where, `allows ${String(maxMemoryGb)} GB for each node; maxMemSize is more on ${memory.join(", ")}`, {
        remedy: "The node gets what the licence allows.",
        source,
      }),
    );
  const inUse = coresInUse(running, cores);
  if (maxCores !== null && maxCores > 0 && inUse !== null && maxCores < inUse)
    found.push(
      blocker(code, where, `allows ${count(maxCores, "core")} for each node, and nodes use ${String(inUse)} now`, {
        remedy: replace,
        price: "nodes may not start, or have fewer cores than before",
        source,
      }),
    );
  if (type === 2 || type === 3)
    found.push(
      warning(code, where, type === 2 ? "is verified online at each start" : "comes from a licence server, which must answer at each start", {
        remedy: "See that it can be reached from the hosts now.",
        source,
      }),
    );
  if (found.length > 0) return found;
  const until = expires === null ? "without an end" : `until ${new Date(expires).toISOString().slice(0, 10)}`;
  return [passed(code, where, `allows ${cap === null ? "every release" : `releases up to ${cap}`} ${until}`, { source })];
}
