// A cluster of words: servers and hosts answer what a test says, for prechecks that ask them.
import { Refused } from "../../../model/errors.ts";
import type { CommandResult, FileState, Host } from "../../../model/host.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { Dictionary, Rpc, Table, Value } from "../rpc.ts";
import { ServerRefused } from "../wire/errors.ts";

export type Answers = Readonly<Record<string, Value | ((node: string, args: NonNullable<Parameters<Rpc["call"]>[2]>) => Value) | Error>>;
export interface Examined {
  /** By name of the function. What is missing is a function that the release does not have. */
  readonly answers?: Answers;
  /** By the script's text; one that is missing is refused as a cluster without replication does. */
  readonly scripts?: Readonly<Record<string, Value>>;
  /** By path, on every host. */
  readonly files?: Readonly<Record<string, string>>;
  /** By name of the program, or of the shell script (word 4). */
  readonly commands?: Readonly<Record<string, CommandResult>>;
  readonly freeBytes?: number;
  readonly now?: number;
}

export const table = (columns: readonly string[], ...rows: readonly (readonly Value[])[]): Table => ({
  is: "table",
  columns,
  data: columns.map((_, index) => rows.map((row) => row[index] ?? null)),
});
export const dictionary = (entries: Readonly<Record<string, Value>>): Dictionary => ({ is: "dictionary", entries: new Map(Object.entries(entries)) });
export const ended = (code: number, stdout = "", stderr = ""): CommandResult => ({ code, stdout, stderr });

/** As the tutorial has its files; every host has the same ones. */
export function tutorialFiles(facts: DdFacts): Readonly<Record<string, string>> {
  const nodes = Object.values(facts.structure.nodes);
  const site = ({ endpoint, alias }: (typeof nodes)[number]): string => `${endpoint}:${alias}`;
  const found: Record<string, string> = {};
  for (const node of nodes) {
    const config = `${directoryOf(node.host)}/config`;
    const controllers = nodes.filter(({ role }) => role === "controller");
    found[`${config}/cluster.nodes`] = `localSite,mode\n${nodes.map((each) => `${site(each)},${each.role}`).join("\n")}\n`;
    if (node.role === "controller") found[`${config}/controller.cfg`] = `mode=controller\nlocalSite=${site(node)}\n`;
    if (node.role === "agent")
      found[`${config}/agent.cfg`] =
        `mode=agent\nlocalSite=${site(node)}\nsites=${[node, ...controllers].map((each) => `${site(each)}:${each.role}`).join(",")}\n`;
    if (node.role === "controller") found[`${directoryOf(node.host)}/data/${node.alias}/raft`] = "raft";
    if (node.role === "datanode") found[`${directoryOf(node.host)}/data/${node.alias}/storage/CHUNK_METADATA`] = "chunks";
  }
  return found;
}
const directoryOf = (host: string): string => `/${host}/server/clusterDemo`;

export function examinedCluster(
  facts: DdFacts,
  { answers = {}, scripts = {}, files = tutorialFiles(facts), commands = {}, freeBytes = 1e12, now = 1_700_000_000_000 }: Examined = {},
): DdCluster {
  const nodes = Object.entries(facts.structure.nodes).map(([name, node]): DdNode => ({
    name,
    role: node.role,
    alias: node.alias,
    endpoint: node.endpoint,
    hostName: node.host,
    host: hostOf(node.host, { files, commands, freeBytes, now }),
    server: `/${node.host}/server`,
    clusterDirectory: directoryOf(node.host),
    home: `${directoryOf(node.host)}/data/${node.alias}`,
    archives: "/var/lib/stillwater/artefacts",
    backups: "/var/lib/stillwater/backups/c",
  }));
  const all: Answers = {
    getClusterPerf: table(
      ["name", "host", "port", "diskFreeSpaceRatio"],
      ...nodes.map(({ alias, endpoint }) => [alias, endpoint.split(":")[0] ?? "", Number(endpoint.split(":")[1]), 0.5]),
    ),
    getStreamingStat: dictionary({}),
    ...answers,
  };
  const cluster: Partial<DdCluster> = {
    cluster: "c",
    nodes,
    now: () => now,
    node: (name) => nodes.find((node) => node.name === name) ?? never(name),
    aliased: (alias) => nodes.find((node) => node.alias === alias) ?? null,
    service: () => null,
    rpc: {
      call: async (node, name, args = []) => {
        const answer = all[name];
        if (answer === undefined) throw new ServerRefused(node, `${name}()`, `Cannot recognize function name: ${name} RefId: S00015`);
        if (answer instanceof Error) throw answer;
        return typeof answer === "function" ? answer(node, args) : answer;
      },
      script: async (node, text) => {
        const answer = scripts[text];
        if (answer === undefined) throw new ServerRefused(node, "a script", "Replication is not enabled");
        return answer;
      },
      leader: async () => facts.now.leader ?? never("leader"),
      effect: async () => Promise.reject(new Refused("no effects here")),
      close: async () => {},
    },
  };
  return cluster as DdCluster;
}
const never = (name: string): never => {
  throw new Error(`the test has no ${name}`);
};

function hostOf(name: string, { files, commands, freeBytes, now }: Required<Omit<Examined, "answers" | "scripts">>): Host {
  const host: Partial<Host> = {
    name,
    async query(argv) {
      const script = argv[0] === "sh" ? (argv[3] ?? "") : (argv[0] ?? "");
      const said = commands[script];
      if (said !== undefined) return said;
      if (script === "date") return ended(0, `${String(Math.floor(now / 1_000))}${String(now % 1_000).padStart(3, "0")}000000\n`);
      if (script === "uname") return ended(0, "x86_64\n");
      if (script === "pgrep") return ended(1);
      if (script === "limits") return ended(0, "1048576\n");
      if (script === "du")
        return ended(
          0,
          argv
            .slice(3)
            .map((path) => `100\t${path}\n`)
            .join(""),
        );
      return ended(0);
    },
    readText: async (path) => files[path] ?? null,
    async stat(path): Promise<FileState> {
      const text = files[path];
      if (text !== undefined) return { kind: "file", bytes: text.length, mode: "644", modifiedS: 0 };
      return Object.keys(files).some((each) => each.startsWith(`${path}/`)) ? { kind: "directory", mode: "755", modifiedS: 0 } : { kind: "absent" };
    },
    freeBytes: async () => freeBytes,
    process: async () => null,
  };
  return host as Host;
}
