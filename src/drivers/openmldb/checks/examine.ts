// What only the hosts can answer about a goal: room, rights, where the data lies, clocks, tools. Read-only, asked for once when planning.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { OmCluster, OmNode } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { partsOf, placeOf } from "../operations/install-params.ts";
import { configFileOf, readConfig } from "../settings/config-file.ts";
import { blocker, notMeasured, passed, size, some, warning } from "./check-kit.ts";
import { touched } from "./scope.ts";

/** Clocks that differ by more make logs and journals hard to lay beside each other. */
const clockLimitMs = 2_000;

export async function examine(cluster: OmCluster, facts: OmFacts, goal: Goal): Promise<readonly Check[]> {
  const nodes = touched(facts, goal).map((name) => cluster.node(name));
  const hosts = hostsOf(nodes);
  const found = await Promise.all([
    ...nodes.flatMap((node) => [data(node, goal), ...(goal.maintenance ? [] : [writable(node, goal), room(node, goal)])]),
    ...nodes.flatMap((node) => (node.role === "taskmanager" && goal.version !== null ? [spark(node, goal)] : [])),
    ...hosts.flatMap((node) => [clock(cluster, node), tools(node)]),
    ...hostsOf(cluster.nodes).map((node) => sends(node)),
  ]);
  return found.flat();
}

/** One node of each host. */
const hostsOf = (nodes: readonly OmNode[]): readonly OmNode[] => [...new Map(nodes.map((node) => [node.host.name, node])).values()];

/** Relative paths of the flags start at the working directory, so the data usually lies beside bin/ (facts 3.1). */
async function data(node: OmNode, goal: Goal): Promise<readonly Check[]> {
  if (node.role !== "tablet") return [];
  const text = await node.host.readText(`${node.directory}/${configFileOf(node)}`);
  if (text === null)
    return [
      blocker("data-directory", node.name, `${node.directory}/${configFileOf(node)} does not exist on ${node.host.name}`, {
        remedy: "Mend `directory` or `component` of that node in the cluster file.",
      }),
    ];
  const config = readConfig(node, text);
  const roots = ["db_root_path", "ssd_root_path", "hdd_root_path", "recycle_bin_root_path", "data_dir"].flatMap((key) => {
    const value = config.get(key);
    return value === undefined || value === "" ? [] : value.split(",").map((each) => absolute(node.directory, each.trim()));
  });
  const replaced = [...partsOf(node).map((part) => placeOf(node, part)), `${node.directory}/conf`, `${node.directory}/.stillwater`];
  const inside = roots.filter((root) => replaced.some((place) => root === place || root.startsWith(`${place}/`)));
  if (inside.length > 0 && (goal.version !== null || Object.keys(goal.settings).length > 0))
    return [
      blocker("data-directory", node.name, `its data lies inside what is replaced: ${some(inside)}`, {
        remedy: "Move the data out of bin/ and conf/ first, and let the flags say where it is.",
      }),
    ];
  return [
    passed("data-directory", node.name, `its data (${some(roots.length > 0 ? roots : [`${node.directory}/db`])}) lies outside of what is replaced`),
  ];
}

/** Without `.` and `..`, as a shell in the directory would find it. */
function absolute(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

const script = 'for d; do while [ ! -e "$d" ]; do d=${d%/*}; d=${d:-/}; done; [ -w "$d" ] || echo "$d"; done';

/** A directory changes its place by being renamed, for which what it lies in must be writable, and it itself. */
async function writable(node: OmNode, goal: Goal): Promise<readonly Check[]> {
  const parts = goal.version === null ? [] : partsOf(node).map((part) => placeOf(node, part));
  const paths = [node.directory, `${node.directory}/conf`, ...parts, node.archives, node.backups];
  const { code, stdout, stderr } = await node.host.query(["sh", "-c", script, "writable", ...paths]);
  // Nothing printed means nothing closed only when the look itself went well.
  if (code !== 0)
    return [
      notMeasured(
        "writable",
        node.name,
        `whether ${node.directory} on ${node.host.name} may be changed: ${stderr.trim() || `sh ended with ${String(code)}`}`,
        {
          remedy: "Check that the host has a POSIX shell, and that the user may read there.",
        },
      ),
    ];
  const closed = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
  if (closed.length === 0) return [passed("writable", node.name, `${node.directory} may be changed`)];
  return [
    blocker("writable", node.name, `the user on ${node.host.name} may not write to ${some(closed)}`, {
      remedy: "Let the host be reached as the user that runs OpenMLDB, or give that user the right.",
    }),
  ];
}

async function room(node: OmNode, goal: Goal): Promise<readonly Check[]> {
  const { artefact } = goal;
  if (artefact === null) return [];
  // Unpacked it takes three to four times as much; the backup of bin and conf is about as large again.
  const needed = artefact.bytes * 5 + 64 * 1024 * 1024;
  const backup = artefact.bytes * 4 + 16 * 1024 * 1024;
  const [free, freeForBackup] = await Promise.all([node.host.freeBytes(node.directory), node.host.freeBytes(node.backups)]);
  const found: Check[] = [];
  if (free < needed)
    found.push(
      blocker("disk", node.name, `${size(free)} free for ${node.directory}, up to ${size(needed)} needed`, {
        remedy: "Free space on that file system first.",
      }),
    );
  if (freeForBackup < backup)
    found.push(
      blocker("backup-space", node.name, `${size(freeForBackup)} free for ${node.backups}, up to ${size(backup)} needed for the backup`, {
        remedy: "Free space there, or give the host another stateDirectory.",
      }),
    );
  if (found.length > 0) return found;
  return [passed("disk", node.name, `${size(free)} free for the release (at most ${size(needed)}), ${size(freeForBackup)} for the backup`)];
}

/** OM-22: the Spark distribution is an artefact of its own. */
async function spark(node: OmNode, goal: Goal): Promise<readonly Check[]> {
  if (goal.options["spark"] !== undefined) return [passed("spark-distribution", node.name, `is replaced with ${goal.options["spark"]}`)];
  const text = await node.host.readText(`${node.directory}/${configFileOf(node)}`);
  const home = node.sparkHome ?? (text === null ? undefined : readConfig(node, text).get("spark.home"));
  const where = home === undefined || home === "" ? "SPARK_HOME of its environment" : home;
  return [
    warning("spark-distribution", node.name, `the Spark distribution in ${where} is not part of this plan`, {
      remedy:
        "Give the OpenMLDB Spark distribution of that release: -o spark=FILE. On YARN also replace spark.yarn.jars and batchjob.jar.path on HDFS.",
      source: "OpenMLDB, Upgrade; facts 3.4",
    }),
  ];
}

async function clock(cluster: OmCluster, node: OmNode): Promise<readonly Check[]> {
  const before = cluster.now();
  const { code, stdout } = await node.host.query(["date", "+%s%N"], { timeoutMs: 10_000 });
  const after = cluster.now();
  const told = /^(\d{10})(\d{9})?\s*$/.exec(stdout);
  if (code !== 0 || told === null) return [notMeasured("clock", node.host.name, "its `date` does not tell the time")];
  const there = Number(told[1]) * 1_000 + Number((told[2] ?? "0").slice(0, 3));
  const off = there < before ? before - there : Math.max(0, there - after);
  if (off <= clockLimitMs) return [passed("clock", node.host.name, `its clock is at most ${String(clockLimitMs / 1_000)} s off this one's`)];
  return [
    warning("clock", node.host.name, `its clock is ${(off / 1_000).toFixed(1)} s off this machine's`, {
      remedy: "Let both follow the same NTP servers: logs and reports cannot be laid beside each other.",
    }),
  ];
}

const connects =
  "if ! command -v bash >/dev/null 2>&1; then echo 'has no bash'; elif LC_ALL=C bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>&1 | grep -q 'No such file'; then echo 'has a bash without /dev/tcp'; fi";

/** What Stillwater asks of nameservers and tablets is sent from their own hosts, where an older Stillwater is refused: by bash, which start.sh needs anyway. */
async function sends({ host }: OmNode): Promise<Check> {
  const { code, stdout, stderr } = await host.query(["sh", "-c", connects, "tools"], { timeoutMs: 10_000 });
  if (code !== 0)
    return notMeasured("host-sends", host.name, `whether its bash can open connections: ${stderr.trim() || `sh ended with ${String(code)}`}`);
  const missing = stdout.trim();
  if (missing === "") return passed("host-sends", host.name, "its bash opens connections, so requests are sent from there");
  return blocker("host-sends", host.name, `${missing}: no request can be sent from there`, {
    remedy: "Install a bash with network redirections, as every distribution's own is.",
  });
}

async function tools(node: OmNode): Promise<readonly Check[]> {
  const { code, stdout, stderr } = await node.host.query([
    "sh",
    "-c",
    'for t; do command -v "$t" >/dev/null 2>&1 || echo "$t"; done',
    "tools",
    "pgrep",
    "readlink",
    "curl",
  ]);
  if (code !== 0) return [notMeasured("host-tools", node.host.name, `which tools it has: ${stderr.trim() || `sh ended with ${String(code)}`}`)];
  const missing = new Set(stdout.split("\n").filter((line) => line !== ""));
  const found: Check[] = [];
  if (missing.has("pgrep") || missing.has("readlink"))
    found.push(
      warning("host-tools", node.host.name, `${some([...missing])} missing: a component whose pid file is gone would not be found`, {
        remedy: "Install procps and coreutils there.",
      }),
    );
  else if (missing.has("curl"))
    found.push(
      warning("host-tools", node.host.name, "curl missing: start.sh waits 12 s blindly instead of asking for /status", {
        remedy: "Install curl there.",
      }),
    );
  return found.length > 0 ? found : [passed("host-tools", node.host.name, "has what start.sh and Stillwater need")];
}
