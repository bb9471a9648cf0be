// `init dataphin HOST:PORT`: from the endpoint of the OpenAPI and its keys to the definition of the installation. The Manager, DataService and the runtime
// are named by no API: they come from the options.
import type { ClusterDefinition, HostDefinition, NodeDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import type { Role } from "./facts.ts";
import { accessOf, usualTimeZone, type Ports } from "./open-cluster.ts";
import { clusterOptions, nodeOptions } from "./options.ts";
import { caller } from "./wire/caller.ts";
import { listProjects } from "./wire/operations/projects.ts";
import { getServerVersion } from "./wire/operations/version.ts";
import { signedOpenApi } from "./wire/signed.ts";

const known = [
  "access-key-id",
  "access-key-secret",
  "tenant",
  "url",
  "logon",
  "manager",
  "gateway",
  "realtime",
  "projects",
  "time-zone",
  "version",
  "through",
  "cluster",
] as const;
type Given = Readonly<Partial<Record<(typeof known)[number], string>>>;

const wrong = (what: string, object: string, remedy: string): StillwaterError => new StillwaterError("SW1001", what, { object, remedy });

/**
 * `target`: HOST:PORT of the OpenAPI. Options: access-key-id and access-key-secret (references), tenant, url (https://...), logon (the page where users log
 * on), manager, gateway, realtime (HOST:PORT each), projects (separated by commas), time-zone, version (of a release that does not tell it), through (a jump
 * host, user@host), cluster (a name). Errors SW1001 for what is wrong in them, SW6001 when the OpenAPI does not answer or refuses the keys.
 */
export async function discover(
  target: string,
  options: Readonly<Record<string, string>>,
  handles: Handles,
  ports: Ports = {},
): Promise<ClusterDefinition> {
  const unknown = Object.keys(options).filter((key) => !known.some((each) => each === key));
  if (unknown.length > 0) throw wrong(`There is no option ${unknown[0] ?? ""}.`, unknown.join(", "), `Options: ${known.join(", ")}.`);
  const given: Given = options;
  if (!isHostPort(target))
    throw wrong(
      target === "" ? "Nothing says where the OpenAPI is." : `${target} is not HOST:PORT.`,
      target,
      "Give the endpoint of the management OpenAPI: dataphin-openapi.example.com:443. It is not the one of DataService.",
    );
  const definition = definitionOf(target, given);
  const cluster = clusterOptions.parse(definition.options);
  const application = { endpoint: target, url: given.url ?? `http://${target}` };
  const api = caller({
    openApi: ports.openApi ?? signedOpenApi(accessOf(cluster.openapi, application, handles)),
    tenantId: cluster.openapi.tenantId,
    now: () => handles.now(),
    ...(ports.sleep === undefined ? {} : { sleep: ports.sleep }),
  });
  // Keys, tenant and endpoint are right only when they have answered.
  const [version, projects] = [await getServerVersion(api), await listProjects(api)];
  const missing = (cluster.projects ?? []).filter((each) => !projects.some(({ id, name }) => each === id || each === name));
  if (missing.length > 0)
    throw wrong(`There is no project ${missing[0] ?? ""}.`, missing.join(", "), `Projects: ${projects.map(({ name }) => name).join(", ")}.`);
  if (version === null && given.version === undefined)
    throw wrong("This release does not tell its version.", target, "Say it: -o version=V5.1.2.02 (releases before 6.0 have no call for it).");
  return definition;
}

function definitionOf(target: string, given: Given): ClusterDefinition {
  const { "access-key-id": accessKeyId, "access-key-secret": accessKeySecret, tenant: tenantId, through } = given;
  const local = through === undefined;
  const host: HostDefinition = {
    name: local ? "local" : (through.split("@").at(-1) ?? through),
    transport: local ? "local" : "openssh",
    address: through ?? null,
    user: null,
    stateDirectory: "/var/lib/stillwater",
    domain: null,
  };
  const node = (role: Role, endpoint: string | undefined, keys: Readonly<Record<string, string>> = {}): readonly NodeDefinition[] => {
    if (endpoint === undefined) return [];
    if (!isHostPort(endpoint)) throw wrong(`${endpoint} is not HOST:PORT.`, role, `Give -o ${role}=HOST:PORT.`);
    return [{ name: role, host: host.name, endpoint, service: null, options: checked(nodeOptions.safeParse({ role, ...keys })) }];
  };
  const keys = { ...(given.url === undefined ? {} : { url: given.url }), ...(given.logon === undefined ? {} : { logon: given.logon }) };
  const projects = given.projects?.split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
  return {
    version: 1,
    cluster: given.cluster ?? "dataphin",
    system: "dataphin",
    hosts: [host],
    nodes: [
      ...node("application", target, keys),
      ...node("manager", given.manager),
      ...node("gateway", given.gateway),
      ...node("realtime", given.realtime),
    ],
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: true, route: null, rate: 100, minAcks: 20, verifyAfterS: 10 },
    options: checked(
      clusterOptions.safeParse({
        openapi: { accessKeyId, accessKeySecret, tenantId },
        ...(projects === undefined ? {} : { projects }),
        timeZone: given["time-zone"] ?? usualTimeZone,
        upgrade: { by: "operator" },
        ...(given.version === undefined ? {} : { declared: { version: { is: given.version, source: "init -o version" } } }),
      }),
    ),
  };
}

function checked<T>(
  result:
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
      },
): T {
  if (result.success) return result.data;
  const why = result.error.issues.map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  throw new StillwaterError("SW1001", `The options are wrong: ${why[0] ?? ""}`, {
    why,
    remedy:
      "Needed: -o access-key-id=@env:NAME -o access-key-secret=@env:NAME -o tenant=DIGITS; secrets are given by reference, so that they are in no command line.",
  });
}
