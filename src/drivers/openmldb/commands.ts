// The commands of the vendor's own tool (openmldb_ops.py), with its flags: for old habits and scripts. Every one goes through plan and journal.
import type { CommandMeaning, SystemCommand } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";

type Flags = Readonly<Record<string, string | true>>;

const addressing: SystemCommand["flags"] = [
  { name: "zk_cluster", value: "host:port,...", says: "ZooKeeper of the cluster (only where there is no cluster file)" },
  { name: "zk_root_path", value: "path", says: "its root path in ZooKeeper" },
  {
    name: "openmldb_bin_path",
    value: "path",
    says: "bin/openmldb of the installation: tells where the components live (only where there is no cluster file)",
  },
];
const onEndpoints: SystemCommand["flags"] = [
  { name: "endpoints", value: "host:port,...", says: "the tablets, one after another" },
  { name: "endpoint", value: "host:port", says: "the same, for one" },
  { name: "statfile", value: "path", says: "accepted; the journal keeps what is moved" },
];

const text = (flags: Flags, name: string): string | null => {
  const value = flags[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
};

/** OM-12: a list, in the order given. */
function endpointsOf(flags: Flags): readonly string[] {
  const given = [text(flags, "endpoints"), text(flags, "endpoint")].flatMap((each) => each?.split(",") ?? []);
  const endpoints = [...new Set(given.map((each) => each.trim()).filter((each) => each !== ""))];
  if (endpoints.length === 0)
    throw new StillwaterError("SW1001", "No endpoint is given.", {
      remedy: "Add --endpoints HOST:PORT[,HOST:PORT...]: the tablets, as showtablet names them.",
    });
  return endpoints;
}

/** The vendor's tool is called with the binary of the directory that the cluster was deployed from: its conf/hosts tells where each component lives. */
const homeOf = (flags: Flags): string | null => /^(\/.+)\/bin\/openmldb$/.exec(text(flags, "openmldb_bin_path") ?? "")?.[1] ?? null;

function discoverFrom(flags: Flags): ReturnType<SystemCommand["means"]>["discover"] {
  const cluster = text(flags, "zk_cluster");
  if (cluster === null) return null;
  const home = homeOf(flags);
  return {
    target: "",
    options: { "zk-cluster": cluster, "zk-root-path": text(flags, "zk_root_path") ?? "/openmldb", ...(home === null ? {} : { home }) },
  };
}

function notesOf(flags: Flags): readonly string[] {
  const notes: string[] = [];
  if (text(flags, "statfile") !== null) notes.push("--statfile is not used: the journal keeps what is moved, and survives a crash in the middle");
  if (text(flags, "openmldb_bin_path") !== null && homeOf(flags) === null)
    notes.push("--openmldb_bin_path is not used: it is not the absolute path of a bin/openmldb");
  return notes;
}

const command = (
  name: string,
  summary: string,
  example: string,
  flags: SystemCommand["flags"],
  means: (flags: Flags) => { readonly meaning: CommandMeaning; readonly options?: Readonly<Record<string, string>> },
): SystemCommand => ({
  name,
  summary,
  example: `stillwater openmldb ${name} ${example}`.trimEnd(),
  flags: [...flags, ...addressing],
  means: (given) => {
    const { meaning, options = {} } = means(given);
    return { meaning, options, discover: discoverFrom(given), notes: notesOf(given) };
  },
});

export const commands: readonly SystemCommand[] = [
  command(
    "pre-upgrade",
    "move the leaders away from tablets before they are taken down",
    "--endpoints 10.0.0.7:10921",
    [
      ...onEndpoints,
      { name: "allow_single_replica", value: null, says: "tables with one replica may be unavailable; without it a replica is added" },
    ],
    (flags) => ({
      meaning: { is: "maintenance", maintenance: "drain", endpoints: endpointsOf(flags) },
      options: { "single-replica": flags["allow_single_replica"] === true ? "allow-unavailable" : "add-replica" },
    }),
  ),
  command("post-upgrade", "put back what pre-upgrade moved and added", "--endpoints 10.0.0.7:10921", onEndpoints, (flags) => ({
    meaning: { is: "maintenance", maintenance: "restore", endpoints: endpointsOf(flags) },
  })),
  command("recoverdata", "heal sick replicas, and only those", "", [], () => ({ meaning: { is: "maintenance", maintenance: "recover" } })),
  command(
    "showopstatus",
    "operations of the nameserver; exit code 1 when one has failed",
    "--filter kFailed",
    [
      { name: "filter", value: "state", says: "only this state, e.g. kFailed" },
      { name: "db", value: "database", says: "only this database" },
    ],
    (flags) => ({ meaning: { is: "tables", name: "operations", filter: text(flags, "filter") ?? text(flags, "db") } }),
  ),
  command(
    "showtablestatus",
    "tables with everything that is wrong with them; exit code 1 when something is",
    "",
    [{ name: "filter", value: "table", says: "only this table" }],
    (flags) => {
      const filter = text(flags, "filter");
      return { meaning: { is: "tables", name: "tables", filter: filter === "%" ? null : filter } };
    },
  ),
];
