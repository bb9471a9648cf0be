// Facts of a cluster that was never started, for tests of what is pure.
import type { Goal } from "../../../model/goal.ts";
import { type DdChunks, type DdFacts, type DdNodeNow, type DdNodeStructure, type DdNow, type DdStructure, type Role } from "../facts.ts";

export interface NodeFixture extends Partial<DdNodeNow>, Partial<DdNodeStructure> {
  readonly role: Role;
  readonly host: string;
}

/** The tutorial's cluster: controller, agent and data node on each of three hosts. `ctl1`, `agent1`, `data1` live on `h1`, and so on. */
export const threeHosts = (more: Readonly<Record<string, Partial<NodeFixture>>> = {}): Readonly<Record<string, NodeFixture>> =>
  Object.fromEntries(
    [1, 2, 3].flatMap((number) =>
      (["controller", "agent", "datanode"] as const).map((role) => {
        const name = `${role === "controller" ? "ctl" : role === "datanode" ? "data" : role}${String(number)}`;
        return [name, { role, host: `h${String(number)}`, ...more[name] }];
      }),
    ),
  );

const ports: Readonly<Record<Role, number>> = { controller: 8_800, agent: 8_801, datanode: 8_802, computenode: 8_803 };

export const allWell: DdChunks = {
  total: 24,
  constructing: 0,
  recovering: 0,
  underReplicated: 0,
  overReplicated: 0,
  unequal: 0,
  stuck: 0,
  onOneHost: {},
  examples: [],
};

/** Everything runs 2.00.8.11 and is well; two replicas, never on one host; ctl1 leads. */
export function ddFacts(
  more: {
    readonly nodes?: Readonly<Record<string, NodeFixture>>;
    readonly structure?: Partial<Omit<DdStructure, "nodes">>;
    readonly chunks?: Partial<DdChunks>;
    readonly now?: Partial<Omit<DdNow, "nodes">>;
  } = {},
): DdFacts {
  const fixtures = more.nodes ?? threeHosts();
  const leader =
    more.now?.leader === undefined ? (Object.entries(fixtures).find(([, { role }]) => role === "controller")?.[0] ?? null) : more.now.leader;
  const nodes: Record<string, DdNodeStructure> = {};
  const now: Record<string, DdNodeNow> = {};
  for (const [name, fixture] of Object.entries(fixtures)) {
    const { role, host } = fixture;
    const down = fixture.state === "down" || fixture.state === "unreachable";
    nodes[name] = {
      role,
      host,
      alias: fixture.alias ?? name,
      endpoint: fixture.endpoint ?? `${host}:${String(ports[role])}`,
      server: fixture.server ?? "/DolphinDB/server",
      installed: fixture.installed === undefined ? "2.00.8.11" : fixture.installed,
      ...(fixture.settings === undefined ? {} : { settings: fixture.settings }),
    };
    now[name] = {
      state: fixture.state ?? "serving",
      running: fixture.running === undefined ? (down ? null : "2.00.8.11") : fixture.running,
      flavour: fixture.flavour ?? null,
      pid: fixture.pid === undefined ? (down ? null : 1_000 + Object.keys(now).length) : fixture.pid,
      boot: fixture.boot === undefined ? (down ? null : `${name}-1`) : fixture.boot,
      leads: fixture.leads ?? name === leader,
      restartIntervalS: fixture.restartIntervalS === undefined ? (role === "controller" && !down ? 0 : null) : fixture.restartIntervalS,
      runningJobs: fixture.runningJobs === undefined ? 0 : fixture.runningJobs,
      connections: fixture.connections === undefined ? 1 : fixture.connections,
      diskFreeBytes: fixture.diskFreeBytes === undefined ? 50 * 1024 ** 3 : fixture.diskFreeBytes,
      ...(fixture.felt === undefined ? {} : { felt: fixture.felt }),
    };
  }
  return {
    structure: { nodes, replicationFactor: 2, reliabilityLevel: 1, haMode: "Raft", ...more.structure },
    now: {
      nodes: now,
      leader,
      chunks: { ...allWell, ...more.chunks },
      recovery: { waiting: 0, inProgress: 0, aborted: 0, loadRebalance: 0 },
      unresolvedTransactions: 0,
      replicasInRecovery: 0,
      ...more.now,
    },
  };
}

/** An upgrade to 2.00.8.12 of everything. */
export const ddGoal = (more: Partial<Goal> = {}): Goal => ({
  version: "2.00.8.12",
  artefact: { path: "/releases/DolphinDB_Linux64_V2.00.8.12.zip", sha256: "a".repeat(64), bytes: 200_000_000, version: "2.00.8.12" },
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...more,
});
