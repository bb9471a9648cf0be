// Copies of metadata and configuration (facts 1.6) while a host's nodes are down, with checksums, in a directory of their own.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { HostReader } from "../../../model/host.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import { namesIn } from "./host-scripts.ts";
import { freePath, stampOf } from "./installation.ts";
import { backupItems, type BackupItem, configurationItems, retention } from "./inventory.ts";
import { runningIn } from "./running-in.ts";

export type BackupParams = StepParams["backup"];
/** What is copied together: the parts of one node, or the configuration of an installation. */
export type BackupGroup = {
  /** Alias of the node, or `installation`: name of its directory in the copy. */
  readonly name: string;
  readonly sources: readonly { readonly kind: string; readonly path: string }[];
  /** What such a node may have and this one had not: it leaves again when the copy is put back. */
  readonly absent: readonly string[];
};
type BeforeBackup = { readonly directory: string; readonly groups: readonly BackupGroup[] };

export const inventoryFile = "inventory.json";
/** What a copy holds, for people and for `restoreBackup`. Written last: where it is, the copy is complete. */
export type Inventory = {
  readonly version: 1;
  readonly host: string;
  readonly madeAt: string;
  readonly retention: string;
  readonly groups: readonly { readonly name: string; readonly files: readonly BackupFile[]; readonly absent: readonly string[] }[];
};
export type BackupFile = {
  readonly kind: string;
  readonly path: string;
  /** In the directory of its group. */
  readonly archive: string;
  /** Of the file, or of the directory (names, modes, links and contents), when it was copied. */
  readonly sha256: string;
};

/** What of these items is there. Error SW2110 when one is missing without which the copy would be worth nothing. */
export async function presentItems(host: HostReader, name: string, items: readonly BackupItem[], leaveOut: readonly string[]): Promise<BackupGroup> {
  const sources: { kind: string; path: string }[] = [];
  const absent: string[] = [];
  for (const { kind, path, required } of items) {
    if (leaveOut.includes(kind)) continue;
    const { kind: is } = await host.stat(path);
    if (is !== "absent") sources.push({ kind, path: is === "link" ? await behind(host, path) : path });
    else if (required)
      throw new StillwaterError("SW2110", `${name} has no ${path} on ${host.name}, which must be backed up (${kind})`, {
        object: name,
        remedy: "Check `home` and `clusterDirectory` of the node in the cluster file, and dfsMetaDir, chunkMetaDir and volumes of its configuration.",
      });
    else absent.push(path);
  }
  return { name, sources, absent };
}
/** A copy of a link would be a copy of nothing. */
async function behind(host: HostReader, path: string): Promise<string> {
  const { code, stdout } = await host.query(["readlink", "-f", path]);
  if (code === 0 && stdout.trim() !== "") return stdout.trim();
  throw new StillwaterError("SW3005", `${path} on ${host.name} is a link that leads nowhere`, { object: `${host.name}:${path}` });
}

/** Aliases and `installation` (several: with a number) to what is copied under that name. */
export async function groupsOf(
  cluster: DdCluster,
  { nodes: names, directories, leaveOut }: Omit<BackupParams, "name" | "host">,
): Promise<readonly BackupGroup[]> {
  const nodes = names.map((name) => cluster.node(name));
  const groups: BackupGroup[] = [];
  for (const node of nodes) {
    const group = await presentItems(node.host, node.alias, backupItems(node, directories[node.name] ?? {}), leaveOut);
    if (group.sources.length > 0) groups.push(group);
  }
  const installations = [...new Map(nodes.map((node) => [`${node.server} ${node.clusterDirectory}`, node])).values()];
  for (const [index, { host, server, clusterDirectory }] of installations.entries())
    groups.push(
      await presentItems(
        host,
        index === 0 ? "installation" : `installation-${String(index + 1)}`,
        configurationItems(server, clusterDirectory),
        leaveOut,
      ),
    );
  return groups;
}

export const backupOperation = (cluster: DdCluster) =>
  operation<DdFacts, BackupParams, BeforeBackup>("backup", {
    fenced: "host",
    async prepare(params, { now }) {
      const { host, backups } = anyOf(cluster, params);
      return { directory: await freePath(host, `${backups}/${params.name}-${stampOf(now)}`), groups: await groupsOf(cluster, params) };
    },
    async look(params, { before }): Promise<Look> {
      const { host } = anyOf(cluster, params);
      const inventory = await readInventory(host, before.directory);
      if (inventory !== null) {
        const files = inventory.groups.flatMap(({ files: each }) => each);
        return {
          is: "done",
          proof: { directory: before.directory, retention, checksums: Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])) },
        };
      }
      const running = await stillRunning(cluster, params);
      // What a running node writes meanwhile would make the copy one of no instant.
      return running.length > 0 ? { is: "waiting", for: `${running.join(", ")} to end: a copy is made of nodes that are down` } : { is: "open" };
    },
    async act(params, { before }, context) {
      const node = anyOf(cluster, params);
      await makeCopy(node, before, context);
      return null;
    },
  });

/** Complete groups of an attempt that was interrupted are left as they are. */
export async function makeCopy(
  { host, hostName, backups }: DdNode,
  { directory, groups }: BeforeBackup,
  context: {
    readonly now: number;
    send<T>(via: string | null, effect: (fence: Parameters<DdNode["host"]["makeDirectory"]>[0]) => Promise<T>): Promise<T>;
  },
): Promise<void> {
  await context.send(host.name, async (fence) => {
    await host.makeDirectory(fence, backups, "700");
    await host.makeDirectory(fence, directory, "700");
  });
  const described: Inventory["groups"][number][] = [];
  for (const { name, sources, absent } of groups) {
    const files: BackupFile[] = [];
    for (const [index, { kind, path }] of sources.entries()) {
      const sha256 = await host.sha256(path);
      if (sha256 === null) throw new StillwaterError("SW3011", `${path} on ${host.name} has vanished`, { object: `${host.name}:${path}` });
      files.push({ kind, path, archive: `${String(index)}.tar`, sha256 });
    }
    if (sources.length > 0)
      await context.send(host.name, (fence) =>
        host.backup(
          fence,
          sources.map(({ path }) => path),
          `${directory}/${name}`,
        ),
      );
    described.push({ name, files, absent });
  }
  const inventory: Inventory = { version: 1, host: hostName, madeAt: new Date(context.now).toISOString(), retention, groups: described };
  await context.send(host.name, (fence) =>
    host.writeFile(fence, `${directory}/${inventoryFile}`, `${JSON.stringify(inventory, null, 2)}\n`, { mode: "600" }),
  );
}

export function anyOf(cluster: DdCluster, { host, nodes }: Pick<BackupParams, "host" | "nodes">): DdNode {
  const [first] = nodes;
  if (first === undefined) throw new StillwaterError("SW9999", `a backup of no node on ${host}`, { object: host });
  return cluster.node(first);
}
async function stillRunning(cluster: DdCluster, { host, nodes }: Pick<BackupParams, "host" | "nodes">): Promise<readonly string[]> {
  const servers = new Set(nodes.map((name) => cluster.node(name).server));
  const found: string[] = [];
  for (const server of servers) found.push(...(await runningIn(anyOf(cluster, { host, nodes }).host, server)));
  return found;
}

/** Null: there is none, or it is not complete. */
export async function readInventory(host: HostReader, directory: string): Promise<Inventory | null> {
  const text = await host.readText(`${directory}/${inventoryFile}`);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Inventory;
    return value.version === 1 && Array.isArray(value.groups) ? value : null;
  } catch {
    return null; // somebody else's file of that name
  }
}

/** The newest complete copy of that name which has that node, or the one that is named exactly so. Null: none. */
export async function newestCopy(
  host: HostReader,
  backups: string,
  name: string,
  alias: string,
): Promise<{ readonly directory: string; readonly group: Inventory["groups"][number] } | null> {
  const exact = new RegExp(`^${name.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)}(-\\d{8}T\\d{6}Z(-\\d+)?)?$`);
  const candidates = (await namesIn(host, backups)).filter((each) => exact.test(each)).toSorted();
  for (const each of candidates.toReversed()) {
    const group = (await readInventory(host, `${backups}/${each}`))?.groups.find(({ name: of }) => of === alias);
    if (group !== undefined) return { directory: `${backups}/${each}`, group };
  }
  return null;
}
