// From HOST:PORT of a router to the definition of the cluster: one node, reached from this machine.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import { apiOf, type Ports } from "./open-cluster.ts";
import { clusterOptions, type ClusterOptions } from "./options.ts";

const known = ["router", "user", "password", "token", "cluster", "namespaces"] as const;
/** `router.bind.port` (facts 1). */
const defaultPort = 11_015;

/**
 * `target` or the option `router`: HOST:PORT of the router, or its URL (https://HOST/PATH of a Data Fusion instance). Options: user and password, or token
 * (references), cluster (a name), namespaces (separated by commas). Errors SW1001 for what is wrong in them, SW6001 when nobody answers or no token is given.
 */
export async function discover(
  target: string,
  options: Readonly<Record<string, string>>,
  handles: Handles,
  ports: Ports = {},
): Promise<ClusterDefinition> {
  const unknown = Object.keys(options).find((key) => !known.some((each) => each === key));
  if (unknown !== undefined)
    throw new StillwaterError("SW1001", `There is no option ${unknown}.`, { object: unknown, remedy: `Options: ${known.join(", ")}.` });
  const { url, endpoint } = addressOf(target === "" ? (options["router"] ?? "") : target);
  const parsed = optionsOf(options, url, endpoint);
  const { api } = apiOf({ url, host: null, handles, authorization: parsed.authorization, object: endpoint }, { patienceMs: 5_000, ...ports });
  // Both, so that a router whose services are not there, and a principal that may see nothing, are told now.
  await api.version();
  const present = await api.namespaces();
  const missing = parsed.namespaces?.find((name) => !present.includes(name));
  if (missing !== undefined)
    throw new StillwaterError("SW1001", `There is no namespace ${missing}.`, { object: missing, remedy: `There are: ${present.join(", ")}.` });
  return {
    version: 1,
    cluster: options["cluster"] ?? "cdap",
    system: "cdap",
    hosts: [{ name: "local", transport: "local", address: null, user: null, stateDirectory: "/var/lib/stillwater/local", domain: null }],
    nodes: [{ name: "router", host: "local", endpoint, service: null, options: { role: "router" } }],
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: true, route: null, rate: 100, minAcks: 20, verifyAfterS: 10 },
    options: { ...parsed },
  };
}

function addressOf(text: string): { readonly url: string; readonly endpoint: string } {
  const url = /^https?:\/\//.test(text)
    ? text.replace(/\/+$/, "").replace(/\/v3$/, "")
    : `http://${text.includes(":") ? text : `${text}:${String(defaultPort)}`}`;
  const [, scheme, authority = ""] = /^(https?):\/\/([^/]+)/.exec(url) ?? [];
  const endpoint = authority.includes(":") ? authority : `${authority}:${scheme === "https" ? "443" : "80"}`;
  if (text === "" || !isHostPort(endpoint))
    throw new StillwaterError("SW1001", text === "" ? "Nothing says where CDAP is." : `${text} is not HOST:PORT.`, {
      object: text,
      remedy: "Give --router HOST:PORT: the address of CDAP's router (11015), or its URL.",
    });
  return { url, endpoint };
}

function optionsOf({ user, password, token, namespaces }: Readonly<Record<string, string>>, url: string, endpoint: string): ClusterOptions {
  if (user === undefined && password !== undefined)
    throw new StillwaterError("SW1001", "A password is given without a user.", { remedy: "Give --user NAME, too." });
  const authorization = token !== undefined ? { token } : user === undefined ? undefined : { user, password: password ?? "" };
  const result = clusterOptions.safeParse({
    ...(url === `http://${endpoint}` ? {} : { url }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(namespaces === undefined ? {} : { namespaces: namespaces.split(",").map((name) => name.trim()) }),
  });
  if (result.success) return result.data;
  throw new StillwaterError("SW1001", `The options are wrong: ${result.error.issues[0]?.message ?? ""}`, {
    why: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    remedy: "Password and token are given by reference, so that they are in no command line: --password @env:NAME.",
  });
}
