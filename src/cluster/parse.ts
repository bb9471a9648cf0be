import { homedir } from "node:os";
import { basename } from "node:path";
import { z } from "zod";
import type { ClusterDefinition, ContinuityDefinition, HostDefinition, NodeDefinition, ServiceDefinition } from "../model/cluster.ts";
import { StillwaterError } from "../model/errors.ts";
import type { SystemKeys } from "../model/system-keys.ts";
import { crossChecks } from "./cross-checks.ts";
import { fileSchema, nodeKeys, type ClusterFile } from "./file-schema.ts";
import { type LocatedYaml, type Problem, readYaml } from "./located-yaml.ts";
import { problemsOf } from "./schema-problems.ts";

/** The keys of a system, by its name. May throw SW1103 for one that nobody knows; null: its keys are taken as they are. */
export type SystemKeysOf = (system: string) => SystemKeys | null;

/** Where the file is read: decides the default of `stateDirectory` on a local host. */
export interface Machine {
  readonly root: boolean;
  readonly home: string;
}

/**
 * Reads the text of a cluster file. SW1102 lists every problem as `cluster.yaml:12:5 nodes.n2.endpoint: ...`, in the order of the file.
 * A list of all of them, because each round of mending costs the reader a minute.
 */
export function parseClusterFile(
  text: string,
  fileName: string,
  systemKeysOf: SystemKeysOf = () => null,
  machine: Machine = { root: process.getuid?.() === 0, home: homedir() },
): ClusterDefinition {
  const yaml = readYaml(text);
  if (!yaml.readable) throw notValid(fileName, yaml.problems);
  const { value } = yaml;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const what = value === null ? "the file is empty" : "the file must be a mapping of keys to values";
    throw notValid(fileName, [...yaml.problems, { ...yaml.place([], "value"), path: [], what }]);
  }
  const file = value as Readonly<Record<string, unknown>>;
  const general = problemsOf(fileSchema, file, [], yaml);
  // Nothing else can be said about a file of another version: its keys may mean something else.
  const version = general.problems.filter((problem) => problem.path[0] === "version" && "version" in file);
  if (version.length > 0) throw notValid(fileName, version);

  const keys = typeof file["system"] === "string" && file["system"] !== "" ? systemKeysOf(file["system"]) : null;
  const system = checkSystemKeys(file, keys, yaml);
  const problems = [...yaml.problems, ...general.problems, ...crossChecks(file, yaml), ...system.problems];
  if (general.data === null || problems.length > 0) throw notValid(fileName, problems);
  return definitionOf(general.data, system, machine);
}

interface SystemValues {
  readonly options: Readonly<Record<string, unknown>>;
  readonly nodeOptions: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const hostAndPort = z.string().refine((endpoint) => {
  const port = Number(/^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]/\s]+):(\d{1,5})$/.exec(endpoint)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}, "must be HOST:PORT, with an IPv6 address in brackets");

function checkSystemKeys(
  file: Readonly<Record<string, unknown>>,
  keys: SystemKeys | null,
  yaml: LocatedYaml,
): SystemValues & { readonly problems: readonly Problem[] } {
  const nodeOptions = new Map<string, Readonly<Record<string, unknown>>>();
  const problems: Problem[] = [];
  for (const [name, node] of Object.entries(mapOrEmpty(file["nodes"]))) {
    if (typeof node !== "object" || node === null || Array.isArray(node)) continue;
    const { host: _host, endpoint, service: _service, ...rest } = node as Readonly<Record<string, unknown>>;
    if (typeof endpoint === "string" && endpoint !== "") {
      problems.push(...problemsOf(keys?.endpoint ?? hostAndPort, endpoint, ["nodes", name, "endpoint"], yaml).problems);
    }
    const checked = keys === null ? { data: rest, problems: [] } : problemsOf(strict(keys.node), rest, ["nodes", name], yaml, Object.keys(nodeKeys));
    nodeOptions.set(name, checked.data ?? {});
    problems.push(...checked.problems);
  }
  const given = file["options"] ?? {};
  const options = mapOrEmpty(given);
  if (keys === null || options !== given) return { options, nodeOptions, problems };
  const checked = problemsOf(strict(keys.cluster), options, ["options"], yaml);
  return { options: checked.data ?? {}, nodeOptions, problems: [...problems, ...checked.problems] };
}

/** A schema that says nothing about other keys means that there are none: a slip in a key must not be a silent default. */
function strict(schema: z.ZodObject): z.ZodType<Readonly<Record<string, unknown>>> {
  return schema.def.catchall === undefined ? schema.strict() : schema;
}
function mapOrEmpty(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function definitionOf(file: ClusterFile, system: SystemValues, machine: Machine): ClusterDefinition {
  const nodes = Object.entries(file.nodes).map(([name, node]): NodeDefinition => ({
    name,
    host: node.host,
    endpoint: node.endpoint,
    service: serviceOf(node.service ?? null),
    options: system.nodeOptions.get(name) ?? {},
  }));
  return {
    version: 1,
    cluster: file.cluster,
    system: file.system,
    ...(file.lab === true ? { lab: true } : {}),
    hosts: Object.entries(file.hosts).map(([name, host]) => hostOf(name, host ?? {}, machine)),
    nodes,
    policy: { maxUnavailable: file.policy?.maxUnavailable ?? 1 },
    hooks: {
      pauseTraffic: file.hooks?.pauseTraffic ?? null,
      resumeTraffic: file.hooks?.resumeTraffic ?? null,
      alert: file.hooks?.alert ?? null,
    },
    continuity: continuityOf(file.continuity ?? {}),
    options: system.options,
  };
}

function hostOf(name: string, host: NonNullable<ClusterFile["hosts"][string]>, machine: Machine): HostDefinition {
  const transport = host.transport ?? "openssh";
  const local = transport === "local";
  const fallback = local && !machine.root ? "~/.local/state/stillwater" : "/var/lib/stillwater";
  return {
    name,
    transport,
    address: local ? null : (host.address ?? name),
    user: host.user ?? null,
    stateDirectory: (host.stateDirectory ?? fallback).replace(/^~(?=\/)/, machine.home),
    domain: host.domain ?? null,
  };
}

function serviceOf(service: NonNullable<ClusterFile["nodes"][string]["service"]> | null): ServiceDefinition | null {
  if (service === null || service.manager === "systemd") return service;
  return { ...service, status: service.status ?? null };
}

function continuityOf(continuity: NonNullable<ClusterFile["continuity"]>): ContinuityDefinition {
  const { route } = continuity;
  return {
    enabled: continuity.enabled ?? true,
    route: route?.address !== undefined ? { address: route.address } : route?.hosts === undefined ? null : { hosts: route.hosts },
    rate: continuity.rate ?? 200,
    minAcks: continuity.minAcks ?? 20,
    verifyAfterS: continuity.verifyAfterS ?? 10,
  };
}

function notValid(fileName: string, problems: readonly Problem[]): StillwaterError {
  const short = basename(fileName);
  const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const why = ordered.map(({ line, column, path, what }) => `${short}:${line}:${column} ${path.length === 0 ? "" : `${pathText(path)}: `}${what}`);
  return new StillwaterError("SW1102", `${short} is not valid: ${why.length === 1 ? "1 problem" : `${why.length} problems`}`, {
    object: fileName,
    why,
  });
}
/** `nodes.n2.service.start[0]` */
function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`)).join("");
}
