// Servers that are told what to answer, for looks and acts that no real server can be brought to at will.
import type { Host } from "../../../model/host.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { QueryOptions } from "../connections.ts";
import { Servers } from "../servers.ts";

export interface Told {
  readonly nodes: readonly string[];
  /** By path; absent: no such file. What is written changes it. `/pg/NODE/data` is a data directory. */
  readonly files?: Record<string, string>;
  /** What a server answers to a query, by its node and session. */
  readonly answer?: (node: string, sql: string, session: "own" | "plain") => readonly object[];
  /** Filled with every command that a host is given, its name first: effects and questions. */
  readonly commands?: (readonly string[])[];
  readonly options?: Readonly<Record<string, unknown>>;
}

const definitionOf = ({ nodes, options = {} }: Told): ClusterDefinition => ({
  version: 1,
  cluster: "told",
  system: "postgres",
  hosts: nodes.map((name) => ({ name, transport: "local", address: null, user: null, stateDirectory: `/state/${name}`, domain: null })),
  nodes: nodes.map((name) => ({
    name,
    host: name,
    endpoint: `${name}:5432`,
    service: null,
    options: { dataDirectory: `/pg/${name}/data`, installation: `/pg/${name}/pgsql` },
  })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 200, minAcks: 20, verifyAfterS: 1 },
  options: { user: "postgres", ...options },
});

/** Files are read and written, commands succeed and are kept; whatever else a test asks for is not there, and throws. */
export function toldServers(told: Told): Servers {
  const done = { code: 0, stdout: "", stderr: "" };
  const host = (name: string): Host =>
    ({
      name,
      readText: async (path: string) => told.files?.[path] ?? null,
      stat: async (path: string) => (told.files?.[path] === undefined ? { kind: "absent" } : { kind: "file", bytes: 0, mode: "600", modifiedS: 0 }),
      query: async (argv: readonly string[]) => (told.commands?.push([name, ...argv]), done),
      run: async (_: unknown, argv: readonly string[]) => (told.commands?.push([name, ...argv]), done),
      writeFile: async (_: unknown, path: string, content: string | Uint8Array) => {
        if (told.files !== undefined) told.files[path] = String(content);
      },
    }) as Partial<Host> as Host;
  const servers = new Servers(definitionOf(told), { host, secret: async (text) => text, now: () => 0 });
  const read = async (node: string, sql: string, _?: readonly unknown[], options: QueryOptions = {}): Promise<readonly object[]> =>
    told.answer?.(node, sql, options.plain === true ? "plain" : "own") ?? [];
  const one = async (...asked: Parameters<typeof read>): Promise<object | undefined> => (await read(...asked))[0];
  return Object.assign(servers, { sql: { read, one } }) as Servers;
}
