// Servers and hosts that answer as a test says: for situations that no real cluster can be brought into at a given instant.
import type { ClusterDefinition } from "../../../model/cluster.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { Acting } from "../../../model/driver.ts";
import type { CommandResult, DetachedState, FileState, Host } from "../../../model/host.ts";
import type { ControlData } from "../control-file.ts";
import type { HostSnapshot } from "../host-snapshot.ts";
import { Servers, type RoleRow } from "../servers.ts";

export interface ScriptedNode {
  /** Absent: `standby`. `silent`: it runs and does not answer. */
  readonly is?: "primary" | "standby" | "down" | "silent";
  readonly control?: Partial<ControlData>;
  readonly standbySignal?: boolean;
  readonly autoConf?: string;
  /** Rows of a question that is no question for the role. */
  readonly rows?: (sql: string) => readonly object[];
  readonly detached?: (token: string) => DetachedState;
  readonly run?: (argv: readonly string[]) => CommandResult | Promise<CommandResult>;
  readonly files?: Readonly<Record<string, string>>;
}
export type Script = Record<string, ScriptedNode>;

const states = { primary: "in production", standby: "in archive recovery", down: "shut down", silent: "in production" } as const;

export class ScriptedServers extends Servers {
  /** `pg1 role`, `pg2 sql`, ... in the order in which they were asked. */
  readonly asked: string[];
  readonly #script: Script;
  /** By host: what was started to run on. */
  readonly begun: string[];

  constructor(script: Script, now: () => number = () => 0) {
    const asked: string[] = [];
    const begun: string[] = [];
    super(definitionOf(script), {
      host: (name) => hostOf(script[name] ?? {}, name, begun),
      secret: async (reference) => reference,
      now,
    });
    this.asked = asked;
    this.begun = begun;
    this.#script = script;
    const read = async (node: string, sql: string): Promise<readonly object[]> => {
      asked.push(`${node} sql`);
      return this.#serving(node).rows?.(sql) ?? [];
    };
    const one = async (node: string, sql: string): Promise<object> => {
      const [row] = await read(node, sql);
      if (row === undefined) throw new Unreachable(`${node} has no row for ${sql}`);
      return row;
    };
    Object.assign(this.sql, { read, one });
  }

  override async role(name: string): Promise<RoleRow> {
    this.asked.push(`${name} role`);
    const { is = "standby" } = this.#serving(name);
    return { recovery: is === "standby", version: "17.0", started: "at first" };
  }
  override async onHost(name: string): Promise<HostSnapshot> {
    return this.snapshot(name);
  }
  override async snapshot(name: string): Promise<HostSnapshot> {
    this.asked.push(`${name} host`);
    return snapshotOf(this.#script[name] ?? {});
  }
  #serving(name: string): ScriptedNode {
    const node = this.#script[name] ?? {};
    if (node.is === "down" || node.is === "silent") throw new Unreachable(`${name} does not answer`);
    return node;
  }
}

export function snapshotOf({ is = "standby", control = {}, standbySignal = is === "standby", autoConf = "" }: ScriptedNode): HostSnapshot {
  return {
    process: is === "down" ? null : { pid: 7, startTicks: 1, phase: "ready" },
    control: {
      systemIdentifier: "7",
      state: states[is],
      checkpoint: "0/1000",
      checkpointEnd: "0/1078",
      timeline: 1,
      walLogHints: true,
      dataChecksums: true,
      ...control,
    },
    standbySignal,
    recoverySignal: false,
    otherManager: [],
    ownsData: true,
    autoConf,
    linkTarget: null,
    installed: null,
    releases: [],
  };
}

/** As the engine gives it to an act, with every effect let through. */
export const acting: Acting = {
  now: 0,
  token: "run/step",
  send: async (_, effect) => effect({ run: "run", epoch: 1, connection: 1, signal: new AbortController().signal }),
};

function definitionOf(script: Script): ClusterDefinition {
  const names = Object.keys(script);
  return {
    version: 1,
    cluster: "c",
    system: "postgres",
    hosts: names.map((name) => ({ name, transport: "local", address: null, user: null, stateDirectory: "/s", domain: null })),
    nodes: names.map((name) => ({
      name,
      host: name,
      endpoint: `${name}:5432`,
      service: null,
      options: { dataDirectory: `/data/${name}`, installation: `/pg/${name}` },
    })),
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: false, route: { hosts: [] }, rate: 1, minAcks: 1, verifyAfterS: 1 },
    options: { user: "postgres", database: "postgres" },
  };
}

function hostOf(node: ScriptedNode, name: string, begun: string[]): Host {
  const done: CommandResult = { code: 0, stdout: "", stderr: "" };
  const run = async (argv: readonly string[]): Promise<CommandResult> => (await node.run?.(argv)) ?? done;
  const host: Partial<Host> = {
    name,
    query: run,
    run: (_, argv) => run(argv),
    readText: async (path) => node.files?.[path] ?? null,
    stat: async (path): Promise<FileState> =>
      node.files?.[path] === undefined ? { kind: "absent" } : { kind: "file", bytes: 0, mode: "755", modifiedS: 0 },
    detached: async (token) => node.detached?.(token) ?? { is: "absent" },
    runDetached: async (_, token) => void begun.push(token),
  };
  return host as Host;
}
