// What only the hosts can say: tools, rights, room, architecture, limits, clocks, and who would start a stopped node again (facts 5.4).
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { kibibytesOf } from "../operations/host-scripts.ts";
import { backupItems, configurationItems, directorySettings, retention } from "../operations/inventory.ts";
import { unitOf } from "../operations/units.ts";
import { planOptions } from "../planning/options.ts";
import { blocker, notMeasured, passed, size, some, warning } from "./check-kit.ts";
import { goesBack } from "./scope.ts";

const mebi = 1024 * 1024;
/** Servers want at least that many open files. */
const openFiles = 102_400;
/** Clocks that differ by more: rows get times that are not one after the other (facts 5.4). */
const clockLimitMs = 1_000;
const probeMs = 10_000;

export async function hostChecks(cluster: DdCluster, facts: DdFacts, goal: Goal, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  const hosts = [...new Map(nodes.map((node) => [node.hostName, node])).values()];
  const installs = [...new Map(nodes.map((node) => [`${node.hostName} ${node.server}`, node])).values()];
  const replaces = goal.version !== null && !goesBack(goal);
  const found = await Promise.all([
    ...hosts.flatMap((node) => [clock(cluster, node), tools(node), machine(goal, node)]),
    ...installs.map((node) => writable(node, goal)),
    ...(replaces ? installs.map((node) => room(node, goal)) : []),
    ...(goal.version === null
      ? []
      : hosts.map((node) =>
          backupRoom(
            facts,
            node,
            nodes.filter(({ hostName }) => hostName === node.hostName),
          ),
        )),
    ...nodes.filter(({ role }) => role === "agent" || role === "controller").map((node) => units(cluster, node)),
    ...hosts.map((node) => limits(facts, node, nodes)),
  ]);
  return found.flat();
}

async function clock(cluster: DdCluster, { host, hostName }: DdNode): Promise<readonly Check[]> {
  const before = cluster.now();
  const { code, stdout } = await host.query(["date", "+%s%N"], { timeoutMs: probeMs });
  const after = cluster.now();
  const told = /^(\d{10})(\d{9})?\s*$/.exec(stdout);
  if (code !== 0 || told === null)
    return [notMeasured("clock", hostName, "its `date` does not tell the time", { remedy: "Compare the clocks by hand." })];
  const there = Number(told[1]) * 1_000 + Number((told[2] ?? "0").slice(0, 3));
  const off = there < before ? before - there : Math.max(0, there - after);
  if (off <= clockLimitMs) return [passed("clock", hostName, `its clock is at most ${String(clockLimitMs / 1_000)} s off this one's`)];
  return [
    warning("clock", hostName, `its clock is ${(off / 1_000).toFixed(1)} s off this machine's`, {
      remedy: "Let all follow the same NTP servers: the tutorial's check compares times, and logs cannot be laid beside each other.",
      source: "facts 5.1, 5.4",
    }),
  ];
}

const toolsScript = 'for t; do command -v "$t" >/dev/null 2>&1 || echo "$t"; done';
/** The start scripts need a shell alone; what stages, compares and finds processes needs these. */
const needed = ["unzip", "tar", "find", "sha256sum", "pgrep", "readlink", "du"] as const;

async function tools({ host, hostName }: DdNode): Promise<readonly Check[]> {
  const { code, stdout, stderr } = await host.query(["sh", "-c", toolsScript, "tools", ...needed], { timeoutMs: probeMs });
  if (code !== 0)
    return [
      notMeasured("host-tools", hostName, `which tools it has: ${stderr.trim() || `sh ended with ${String(code)}`}`, {
        remedy: "Check that the host has a POSIX shell.",
      }),
    ];
  const missing = stdout.split("\n").filter((line) => line !== "");
  if (missing.length === 0) return [passed("host-tools", hostName, `has ${needed.join(", ")}`)];
  return [
    blocker("host-tools", hostName, `lacks ${missing.join(", ")}: the package cannot be unpacked and compared there`, {
      remedy: `Install ${missing.join(", ")} on ${hostName}.`,
    }),
  ];
}

async function machine(goal: Goal, { host, hostName }: DdNode): Promise<readonly Check[]> {
  const options = planOptions(goal);
  const inside = "refused" in options ? null : options.package;
  if (inside === null) return [];
  const { code, stdout } = await host.query(["uname", "-m"], { timeoutMs: probeMs });
  const word = stdout.trim();
  const architecture = word === "x86_64" || word === "amd64" ? "x86_64" : word === "aarch64" || word === "arm64" ? "aarch64" : null;
  if (code !== 0 || architecture === null)
    return [
      notMeasured("architecture", hostName, `uname -m says ${word === "" ? "nothing" : word}`, { remedy: "Compare it with the package by hand." }),
    ];
  if (architecture === inside.architecture) return [passed("architecture", hostName, `is ${architecture}, as the package`)];
  return [
    blocker("architecture", hostName, `is ${architecture}, and the package is for ${inside.architecture}`, {
      remedy: "Fetch the package for that architecture.",
      source: "facts 1.4",
    }),
  ];
}

const writableScript = 'for d; do while [ ! -e "$d" ]; do d=${d%/*}; d=${d:-/}; done; [ -w "$d" ] || echo "$d"; done';

async function writable({ host, hostName, server, archives, backups }: DdNode, goal: Goal): Promise<readonly Check[]> {
  if (goal.version === null && Object.keys(goal.settings).length === 0) return [];
  const paths = [server, `${server}/dolphindb`, `${server}/clusterDemo`, archives, backups];
  const { code, stdout, stderr } = await host.query(["sh", "-c", writableScript, "writable", ...paths], { timeoutMs: probeMs });
  if (code !== 0)
    return [
      notMeasured("writable", hostName, `whether ${server} may be changed: ${stderr.trim() || `sh ended with ${String(code)}`}`, {
        remedy: "Check that the user may read there.",
      }),
    ];
  const closed = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
  if (closed.length === 0) return [passed("writable", hostName, `${server} may be changed`)];
  return [
    blocker("writable", hostName, `the user may not write to ${some(closed)}`, {
      remedy: "Let the host be reached as the user that runs DolphinDB, or give that user the right.",
    }),
  ];
}

async function room({ host, hostName, server, archives }: DdNode, goal: Goal): Promise<readonly Check[]> {
  const options = planOptions(goal);
  const { artefact } = goal;
  if (artefact === null || "refused" in options) return [];
  const [unpacked, plugins] = [options.package?.bytes ?? artefact.bytes * 4, options.plugins?.bytes ?? 0];
  // The archive twice while it arrives; 64 MiB for what nodes write meanwhile.
  const wanted = [
    { path: archives, bytes: (artefact.bytes + plugins) * 2 + 64 * mebi, what: "the package" },
    { path: server, bytes: unpacked + 2 * plugins + 64 * mebi, what: "the unpacked release beside the running one" },
  ];
  const free = await Promise.all(wanted.map(({ path }) => host.freeBytes(path)));
  const short = wanted.flatMap(({ path, bytes, what }, index) => {
    const there = free[index] ?? 0;
    return there < bytes ? [`${size(there)} free at ${path}, ${size(bytes)} needed for ${what}`] : [];
  });
  if (short.length > 0)
    return [
      blocker("disk", hostName, some(short), {
        remedy: "Free space there first: a full disk stops the data node that writes to it, too.",
        source: "facts 5.3, 5.4",
      }),
    ];
  return [passed("disk", hostName, `room for ${wanted.map(({ bytes, what }) => `${what} (${size(bytes)})`).join(" and ")}`)];
}

/** What the turn copies away before anything is replaced: measured now, so that the plan can say it. */
async function backupRoom(facts: DdFacts, { host, hostName, backups }: DdNode, own: readonly DdNode[]): Promise<readonly Check[]> {
  const items = [
    ...new Map(
      own
        .flatMap((node) => [
          ...backupItems(node, directorySettings(facts.structure.nodes[node.name]?.settings)),
          ...configurationItems(node.server, node.clusterDirectory),
        ])
        .map((item) => [item.path, item]),
    ).values(),
  ];
  const states = await Promise.all(items.map(async (item) => ({ item, state: await host.stat(item.path) })));
  const there = states.flatMap(({ item, state }) => (state.kind === "absent" ? [] : [item]));
  const missing = states.flatMap(({ item, state }) => (item.required && state.kind === "absent" ? [item.path] : []));
  const found: Check[] = [];
  if (missing.length > 0)
    found.push(
      blocker("backup-inventory", hostName, `what must be copied is not there: ${some(missing)}`, {
        remedy: "Mend `home` or `clusterDirectory` of the nodes in the cluster file: an empty backup is none.",
        source: "facts 1.6; DD-16, DD-18",
      }),
    );
  const kibibytes = await kibibytesOf(
    host,
    there.map(({ path }) => path),
  );
  if (kibibytes === null)
    return [
      ...found,
      notMeasured("backup-space", hostName, "du cannot tell how large the metadata is", {
        remedy: "See that the user may read the data directories.",
      }),
    ];
  const bytes = [...kibibytes.values()].reduce((sum, each) => sum + each, 0) * 1024;
  const free = await host.freeBytes(backups);
  const largest = [...kibibytes].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
  const told = `${size(bytes)} in ${String(there.length)} places (${largest.map(([path, each]) => `${path} ${size(each * 1024)}`).join(", ")}) to ${backups}; ${retention}`;
  if (free < bytes + 64 * mebi)
    found.push(
      blocker("backup-space", hostName, `${size(free)} free at ${backups}, needed for the backup: ${told}`, {
        remedy: "Free space there, or give the host another stateDirectory.",
        source: "facts 1.6, 5.4",
      }),
    );
  else found.push(passed("backup-space", hostName, told, { source: "facts 1.6; DD-18" }));
  return found;
}

/** systemd brings back what was stopped (the tutorial's units have Restart=always): its service must be named, so that it is stopped through it. */
async function units(cluster: DdCluster, node: DdNode): Promise<readonly Check[]> {
  let unit: string | null;
  try {
    unit = await unitOf(node);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return [notMeasured("units", node.name, `whether systemd manages it: ${error.message}`, { remedy: "See systemctl status of its process." })];
  }
  if (unit === null) return [passed("units", node.name, "no unit of systemd manages it")];
  if (cluster.service(node.name) !== null)
    return [passed("units", node.name, `is managed by ${unit}, as the cluster file says; Restart= is off for its turn`)];
  return [
    blocker(
      "units",
      node.name,
      `is run by ${unit}, and the cluster file names no service for it: systemd would start the old process again in the middle of its turn`,
      {
        remedy: `Name it: service: {manager: systemd, unit: ${unit}} at ${node.name}.`,
        source: "facts 0.8, 5.4",
      },
    ),
  ];
}

/** A process that we start gets the limits of our connection, not those that its first start had. */
async function limits(facts: DdFacts, { host, hostName }: DdNode, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  const { code, stdout } = await host.query(["sh", "-c", "ulimit -n", "limits"], { timeoutMs: probeMs });
  const word = stdout.trim();
  const ours = word === "unlimited" ? Number.POSITIVE_INFINITY : /^\d+$/.test(word) ? Number(word) : null;
  if (code !== 0 || ours === null) return [notMeasured("open-files", hostName, "ulimit -n does not tell", { remedy: "See ulimit -n there." })];
  const running = await Promise.all(
    nodes
      .filter((node) => node.hostName === hostName)
      .map(async ({ name }) => {
        const pid = facts.now.nodes[name]?.pid ?? null;
        const text = pid === null ? null : await host.readText(`/proc/${String(pid)}/limits`).catch(() => null);
        const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text ?? "")?.[1];
        return soft === undefined || soft === "unlimited" ? 0 : Number(soft);
      }),
  );
  const most = Math.max(0, ...running);
  if (ours < most)
    return [
      warning("open-files", hostName, `what Stillwater starts there may open ${word} files; what runs may open ${String(most)}`, {
        remedy: "Raise the limit of that user (limits.conf), or name services of systemd in the cluster file.",
        source: "facts 5.4",
      }),
    ];
  if (ours < openFiles)
    return [
      warning("open-files", hostName, `a process may open ${word} files`, {
        remedy: `The vendor asks for at least ${String(openFiles)} (ulimit -n).`,
        source: "facts 5.4",
      }),
    ];
  return [passed("open-files", hostName, `a process may open ${word} files`)];
}
