import { suggestion } from "./nearest.ts";
import type { LocatedYaml, Path, Problem } from "./located-yaml.ts";

// What no schema can say: how one part of the file must fit another. Looks at whatever is there, so that these problems are listed together
// with those of the schema.

type Loose = Readonly<Record<string, unknown>>;
const asMap = (value: unknown): Loose => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {});

export function crossChecks(file: Loose, yaml: LocatedYaml): readonly Problem[] {
  const problem = (path: Path, what: string, of: "key" | "value" = "value"): Problem => ({ ...yaml.place(path, of), path, what });
  const hosts = asMap(file["hosts"]);
  const nodes = asMap(file["nodes"]);
  return [...emptySections(file, problem), ...hostProblems(hosts, problem), ...nodeProblems(nodes, hosts, problem), ...routeProblems(file, problem)];
}
type MakeProblem = (path: Path, what: string, of?: "key" | "value") => Problem;

function emptySections(file: Loose, problem: MakeProblem): readonly Problem[] {
  return ["hosts", "nodes"]
    .filter((key) => key in file && isEmptyMap(file[key]))
    .map((key) => problem([key], `is empty: a cluster has at least one`, "key"));
}
function isEmptyMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function hostProblems(hosts: Loose, problem: MakeProblem): readonly Problem[] {
  return Object.entries(hosts).flatMap(([name, value]) => {
    const host = asMap(value);
    const local = host["transport"] === "local";
    const found: Problem[] = [];
    if (local && "address" in host) found.push(problem(["hosts", name, "address"], "is only for the transport openssh", "key"));
    if (!local && "user" in host)
      found.push(problem(["hosts", name, "user"], "is only for the transport local; with openssh write address: user@host", "key"));
    const directory = host["stateDirectory"];
    if (typeof directory === "string" && !/^\/./.test(local ? directory.replace(/^~\//, "/") : directory)) {
      found.push(problem(["hosts", name, "stateDirectory"], "must be an absolute path"));
    }
    return found;
  });
}

function nodeProblems(nodes: Loose, hosts: Loose, problem: MakeProblem): readonly Problem[] {
  const endpoints = new Map<string, string>();
  return Object.entries(nodes).flatMap(([name, value]) => {
    const { host, endpoint } = asMap(value);
    const found: Problem[] = [];
    if (typeof host === "string" && !Object.hasOwn(hosts, host)) {
      found.push(problem(["nodes", name, "host"], `there is no host ${host} under hosts${suggestion(host, Object.keys(hosts))}`));
    }
    if (typeof endpoint === "string") {
      const same = endpoints.get(endpoint.toLowerCase());
      if (same === undefined) endpoints.set(endpoint.toLowerCase(), name);
      else found.push(problem(["nodes", name, "endpoint"], `${endpoint} is the endpoint of ${same} already`));
    }
    return found;
  });
}

function routeProblems(file: Loose, problem: MakeProblem): readonly Problem[] {
  const route = asMap(file["continuity"])["route"];
  if (typeof route !== "object" || route === null || Array.isArray(route)) return [];
  return "hosts" in route === "address" in route ? [problem(["continuity", "route"], "needs one of hosts and address", "key")] : [];
}
