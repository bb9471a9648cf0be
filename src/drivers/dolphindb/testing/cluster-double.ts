// A cluster of three hosts that answers as a test says: controller, agent and data node on each, all well unless a test changes it.
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { Handles } from "../../../model/driver.ts";
import type { FileState, Host } from "../../../model/host.ts";
import type { Role } from "../facts.ts";
import * as scripts from "../wire/scripts.ts";
import { ServerDouble, value, type Answer, type Answers, type Asked } from "./server-double.ts";

export interface DoubleNode {
  readonly role: Role;
  readonly alias: string;
  readonly endpoint: string;
  readonly host: string;
}
export const doubleNodes: readonly DoubleNode[] = [1, 2, 3].flatMap((number) => {
  const host = `h${String(number)}`;
  const at = (role: Role, alias: string, port: number): DoubleNode => ({
    role,
    alias: `${alias}${String(number)}`,
    endpoint: `${host}:${String(port)}`,
    host,
  });
  return [at("controller", "ctl", 8800), at("agent", "agent", 8801), at("datanode", "node", 8802)];
});
export const server = "/DolphinDB/server";
const modes: Readonly<Record<Role, number>> = { datanode: 0, agent: 1, controller: 2, computenode: 4 };

export interface DoubleOptions {
  readonly version?: string;
  /** Answers that come before the ordinary ones; null: the ordinary one. */
  readonly answers?: Answers;
  /** Aliases that the leader does not count as alive. */
  readonly dead?: readonly string[];
  readonly leader?: string;
  /** chunks, state, replicaCount, nodes. */
  readonly groups?: readonly (readonly [number, string, number, string])[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** By column from rows. */
export const table = (columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>): Answer =>
  value({
    is: "typed table",
    columns: Object.entries(columns).map(([name, items]) => ({
      name,
      type: items.some((item) => typeof item === "string") ? "string" : items.some((item) => typeof item === "boolean") ? "bool" : "int",
      items,
    })),
  });

export function serversOf(options: DoubleOptions = {}): ServerDouble {
  const { version = "2.00.8.12 2023.01.10", leader = "ctl1", groups = [[24, "COMPLETE", 2, "node1,node2"]] } = options;
  const perf = (all: boolean): Answer => {
    const listed = doubleNodes.filter(({ role }) => all || role !== "controller");
    return table({
      host: listed.map(({ host }) => host),
      port: listed.map(({ endpoint }) => Number(endpoint.slice(endpoint.lastIndexOf(":") + 1))),
      mode: listed.map(({ role }) => modes[role]),
      state: listed.map(({ alias }) => (options.dead?.includes(alias) === true ? 0 : 1)),
      name: listed.map(({ alias }) => alias),
      connectionNum: listed.map(() => 3),
      runningJobs: listed.map(() => 0),
      diskFreeSpace: listed.map(() => 1_000_000),
    });
  };
  return new ServerDouble((asked: Asked) => {
    const own = options.answers?.(asked) ?? null;
    if (own !== null) return own;
    const node = doubleNodes.find(({ endpoint }) => endpoint === asked.server);
    switch (asked.what) {
      case "version":
        return value(version);
      case "getActiveMaster":
        return value(leader);
      case "isDataNodeInitialized":
        return value(true);
      case "getDatanodeRestartInterval":
        return value(0);
      case "now":
        // 2026.03.01T14:30 by the server's clock.
        return value(Date.UTC(2026, 2, 1, 14, 30));
      case "getStreamTables":
        return table({ name: [], totalRows: [] });
      case "objs":
        return table({ name: [], form: [], shared: [], rows: [] });
      case "getScheduledJobs":
        return table({ jobId: [], frequency: [], scheduleTime: [], endDate: [] });
      case "getRecentJobs":
        return table({ jobId: [], startTime: [], endTime: [] });
      case "getHomeDir":
        return value(`${server}/clusterDemo/data${node?.role === "controller" || node?.role === "agent" ? "" : `/${node?.alias ?? ""}`}`);
      case "getConfig":
        return value({
          is: "texts",
          entries: { dfsReplicationFactor: "2", dfsReplicaReliabilityLevel: "1", dfsHAMode: "Raft", workerNum: "4", ...options.settings },
        });
      case "getClusterPerf":
        return node?.alias === leader
          ? perf(asked.arguments === 1)
          : { error: `<NotLeader>${doubleNodes.find(({ alias }) => alias === leader)?.endpoint ?? ""}:${leader}` };
      case `script ${scripts.chunkGroups}`:
        return table({
          chunks: groups.map(([chunks]) => chunks),
          state: groups.map(([, state]) => state),
          replicaCount: groups.map(([, , count]) => count),
          nodes: groups.map(([, , , nodes]) => nodes),
        });
      case `script ${scripts.recoveryTasks}`:
        return table({ tasks: [], Status: [], TaskType: [] });
      case `script ${scripts.unresolvedTransactions}`:
      case `script ${scripts.replicasInRecovery}`:
        return value(0);
      default:
        if (asked.what.startsWith("script select count(*) as chunks, sum(version)")) return table({ chunks: [8], versions: [24] });
        if (asked.what.startsWith("script select top")) return table({ chunkId: [], file: [], state: [], replicaCount: [], replicas: [] });
        return asked.what.startsWith("script exec count(*) from getClusterChunksStatus()") ? value(0) : null;
    }
  });
}

const fileOf = (bytes: number): FileState => ({ kind: "file", bytes, mode: "755", modifiedS: 0 });

/** A machine on which the vendor's scripts have started what `running` says, by alias. */
export function hostOf(name: string, running: ReadonlySet<string>): Host {
  const own = doubleNodes.filter(({ host }) => host === name);
  const command = ({ role, alias, endpoint }: DoubleNode): string =>
    `./../dolphindb -console 0 -mode ${role} ${role === "datanode" ? `-localSite ${endpoint}:${alias}` : `-config config/${role}.cfg`}`;
  const processes = (): readonly DoubleNode[] => own.filter(({ alias }) => running.has(alias));
  const pidOf = (node: DoubleNode): number => 1_000 + doubleNodes.indexOf(node);
  const reader: Partial<Host> = {
    name,
    query: ([program, ...rest]) => {
      const said = (stdout: string): ReturnType<Host["query"]> => Promise.resolve({ code: stdout === "" ? 1 : 0, stdout, stderr: "" });
      if (program === "pgrep")
        return said(
          processes()
            .map((node) => `${String(pidOf(node))}\n`)
            .join(""),
        );
      if (program === "readlink") return said(`${server}/clusterDemo\n${server}/clusterDemo\n`);
      if (program === "grep") return said("\0 2.00.8.12\n");
      return Promise.reject(new Error(`the host of this test has no ${program ?? ""} ${rest.join(" ")}`));
    },
    process: (pid) => {
      const node = processes().find((each) => pidOf(each) === pid);
      return Promise.resolve(node ? { pid, startTicks: 77, state: "S", executable: `${server}/dolphindb`, command: command(node) } : null);
    },
    stat: () => Promise.resolve(fileOf(100)),
    sha256: () => Promise.resolve("0"),
    readText: (path) => Promise.resolve(path.endsWith("controller.cfg") ? "mode=controller\ndfsReplicationFactor = 2\n# raftElectionTick=1\n" : null),
  };
  return reader as Host;
}

export const doubleDefinition: ClusterDefinition = {
  version: 1,
  cluster: "ddb",
  system: "dolphindb",
  hosts: ["h1", "h2", "h3"].map((name) => ({
    name,
    transport: "openssh",
    address: name,
    user: null,
    stateDirectory: `/var/lib/stillwater/${name}`,
    domain: null,
  })),
  nodes: doubleNodes.map(({ role, alias, endpoint, host }) => ({ name: alias, host, endpoint, service: null, options: { role, alias, server } })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: true, route: null, rate: 100, minAcks: 20, verifyAfterS: 10 },
  options: { authorization: { user: "admin", password: "@env:DDB" } },
};
export const doubleHandles = (running: ReadonlySet<string>): Handles => ({
  host: (name) => hostOf(name, running),
  http: () => ({ request: () => Promise.reject(new Error("nothing is sent over HTTP here")) }),
  secret: () => Promise.resolve("123456"),
  now: () => 0,
});
export const everyAlias = (): Set<string> => new Set(doubleNodes.map(({ alias }) => alias));
