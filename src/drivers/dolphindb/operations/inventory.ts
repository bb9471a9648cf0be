// What must be copied before a node's release is changed (facts 1.6): by role, from the directories that the node itself named. Pure.
import type { Role } from "../facts.ts";

/** Settings that say where metadata lies; asked of the running node, because the Raft group owns cluster.cfg and the file on disk may be an old one (facts 1.5). */
const directoryKeys = [
  "dfsMetaDir",
  "chunkMetaDir",
  "volumes",
  "redoLogDir",
  "TSDBRedoLogDir",
  "PKEYRedoLogDir",
  "persistenceDir",
  "persistenceOffsetDir",
  "streamingHADir",
  "streamingHALogDir",
] as const;

/** Of a node's settings: those that `backupItems` needs; absent: the vendor's default. */
export const directorySettings = (settings: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(directoryKeys.flatMap((key) => (settings?.[key] === undefined || settings[key] === "" ? [] : [[key, settings[key]] as const])));

export const backupKinds = [
  "raft",
  "metadata",
  "jobs and permissions",
  "keys",
  "pending transactions",
  "redo log",
  "streams",
  "configuration",
] as const;
export type BackupKind = (typeof backupKinds)[number];
/** What an operator may do without: persisted streams are data, and may be as large. */
export const optionalKinds: ReadonlySet<string> = new Set<BackupKind>(["streams", "redo log"]);

export interface BackupItem {
  readonly kind: BackupKind;
  /** Absolute. */
  readonly path: string;
  /** Without it the copy is worth nothing: its absence is an error, not an empty backup. */
  readonly required: boolean;
}

interface Place {
  readonly role: Role;
  readonly alias: string;
  readonly home: string;
}

/** Absolute, without a slash at its end; a relative one starts at the node's home directory. */
function absolute({ home, alias }: Place, path: string): string {
  const named = path
    .trim()
    .replaceAll("<ALIAS>", alias)
    .replace(/(.)\/+$/, "$1");
  return named.startsWith("/") ? named : `${home}/${named}`;
}
const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

export function backupItems(node: Place, directories: Readonly<Record<string, string>>): readonly BackupItem[] {
  const { home } = node;
  const at = (key: string, missing: string): string => absolute(node, directories[key] ?? missing);
  const named = (key: string): readonly BackupItem[] =>
    directories[key] === undefined ? [] : [{ kind: "streams", path: absolute(node, directories[key]), required: false }];
  const jobs: BackupItem = { kind: "jobs and permissions", path: `${home}/sysmgmt`, required: false };
  switch (node.role) {
    case "agent":
      return [];
    case "controller":
      return outermost([
        { kind: "raft", path: `${home}/raft`, required: true },
        // Beside Raft it is there only when enough was written.
        { kind: "metadata", path: at("dfsMetaDir", "dfsMeta"), required: false },
        jobs,
        { kind: "keys", path: `${home}/keys`, required: false },
      ]);
    case "computenode":
      return outermost([jobs, ...named("persistenceDir"), ...named("persistenceOffsetDir")]);
    case "datanode": {
      const [firstVolume = "storage"] = (directories["volumes"] ?? "storage").split(",");
      const [namedMeta = firstVolume] = (directories["chunkMetaDir"] ?? firstVolume).split(",");
      const chunkMeta = absolute(node, namedMeta);
      const tsdbRedo = at("TSDBRedoLogDir", "log/TSDBRedo");
      return outermost([
        { kind: "metadata", path: `${chunkMeta}/CHUNK_METADATA`, required: true },
        { kind: "pending transactions", path: `${chunkMeta}/LOG`, required: false },
        // Beside the redo logs of its engine; the vendor's tutorial forgets it, although its table is one of that engine.
        { kind: "metadata", path: `${parent(tsdbRedo)}/TSDBMeta`, required: false },
        jobs,
        ...([at("redoLogDir", "log/redoLog"), tsdbRedo, at("PKEYRedoLogDir", "log/PKEYRedo")] as const).map((path): BackupItem => ({
          kind: "redo log",
          path,
          required: false,
        })),
        ...named("persistenceDir"),
        ...named("persistenceOffsetDir"),
        ...named("streamingHADir"),
        ...named("streamingHALogDir"),
      ]);
    }
  }
}
/** What lies in another one's directory is copied with it. */
function outermost(items: readonly BackupItem[]): readonly BackupItem[] {
  const paths = new Set(items.map(({ path }) => path));
  return items.filter(
    ({ path }, index) =>
      ![...paths].some((other) => path !== other && path.startsWith(`${other}/`)) && items.findIndex((each) => each.path === path) === index,
  );
}

/** Of the host, once for its nodes: binaries and libraries are kept beside the installation when they are replaced. */
export const configurationItems = (server: string, clusterDirectory: string): readonly BackupItem[] => [
  { kind: "configuration", path: `${clusterDirectory}/config`, required: true },
  ...[`${server}/dolphindb.lic`, `${server}/dolphindb.cfg`, `${server}/startup.dos`, `${server}/postStart.dos`, `${server}/shutdown.dos`].map(
    (path): BackupItem => ({ kind: "configuration", path, required: false }),
  ),
  ...["startup.dos", "postStart.dos", "startController.sh", "startAgent.sh", "stopAllNode.sh"].map((name): BackupItem => ({
    kind: "configuration",
    path: `${clusterDirectory}/${name}`,
    required: false,
  })),
];

/** First part of the names of the copies of one way: `h1-2.00.7.4-to-2.00.8.12`. */
export const backupName = (host: string, from: string | null, to: string): string =>
  `${host}-${from ?? "unknown"}-to-${to}`.replaceAll(/[^A-Za-z0-9._-]/g, "_");
export const retention = "kept until you remove it: Stillwater never deletes a copy of metadata";
