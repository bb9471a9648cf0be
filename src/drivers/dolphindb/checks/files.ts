// Files of the nodes' configuration on their hosts (facts 1.5, 5.3, 5.4), as a restart would read them.
import type { Check } from "../../../model/facts.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readConfigText } from "../settings/config-text.ts";
import { blocker, orPassed, passed, some, warning } from "./check-kit.ts";

const source = "facts 1.5, 5.3";

export async function fileChecks(cluster: DdCluster, facts: DdFacts, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  const [own, lists] = await Promise.all([Promise.all(nodes.map((node) => ownFile(cluster, node))), nodeLists(cluster, facts, nodes)]);
  return [...own.flat(), ...lists];
}

async function ownFile(cluster: DdCluster, node: DdNode): Promise<readonly Check[]> {
  if (node.role !== "controller" && node.role !== "agent") return [];
  const path = `${node.clusterDirectory}/config/${node.role}.cfg`;
  const text = await node.host.readText(path);
  if (text === null)
    return [
      blocker("configuration-file", node.name, `${path} is not there on ${node.hostName}: its start script would not find it`, {
        remedy: "Mend `clusterDirectory` of that node in the cluster file.",
        source,
      }),
    ];
  const empty = emptyFirstLine(node.name, path, text);
  if (empty.length > 0) return empty;
  const settings = readConfigText(text);
  const found: Check[] = [];
  const site = settings.get("localSite") ?? "";
  if (site !== "" && !sameSite(site, node))
    found.push(
      blocker("configuration-file", node.name, `localSite in ${path} is ${site}, and the cluster file says ${node.endpoint}:${node.alias}`, {
        remedy: "Mend endpoint or alias of that node in the cluster file, or the file: after its restart it would be somebody else.",
        source,
      }),
    );
  if (node.role === "agent") found.push(...agentSites(cluster, node, path, settings));
  return orPassed(found, "configuration-file", node.name, `${path} can be read, and says what the cluster file says`);
}

/** `host:port:alias`; a host may be written as name or address, so port and alias count. */
function sameSite(site: string, { endpoint, alias }: DdNode): boolean {
  const [, port, name] = site.split(":");
  return port === endpoint.slice(endpoint.lastIndexOf(":") + 1) && name === alias;
}

/** An agent that does not know a controller is not heard by it once that one leads: "agent does not exist". */
function agentSites(cluster: DdCluster, node: DdNode, path: string, settings: ReadonlyMap<string, string>): readonly Check[] {
  const text = settings.get("sites");
  const controllers = cluster.nodes.filter(({ role }) => role === "controller");
  const price = "after its restart the controller that it does not know cannot start the data nodes of the host once it leads";
  const remedy = `Set sites in ${path} to ${[node, ...controllers].map((each) => `${each.endpoint}:${each.alias}:${each.role}`).join(",")}.`;
  if (text === undefined)
    return controllers.length > 1
      ? [
          blocker("agent-sites", node.name, `sites is not set in ${path}, and there are ${String(controllers.length)} controllers`, {
            remedy,
            price,
            source,
          }),
        ]
      : [];
  const sites = text.split(",").map((each) => each.trim());
  const missing = controllers.filter((controller) => !sites.some((site) => sameSite(site, controller)));
  const found: Check[] = [];
  if (missing.length > 0)
    found.push(
      blocker("agent-sites", node.name, `sites in ${path} lacks ${missing.map(({ alias }) => alias).join(", ")}`, { remedy, price, source }),
    );
  if (!sameSite(sites[0] ?? "", node))
    found.push(warning("agent-sites", node.name, `sites in ${path} begins with ${sites[0] ?? ""} and not with the agent itself`, { remedy, source }));
  return found;
}

/** The server says "The input file is empty." and does not start. */
function emptyFirstLine(object: string, path: string, text: string): readonly Check[] {
  const first = text.split("\n", 1)[0] ?? "";
  if (first.trim() !== "") return [];
  return [
    blocker("first-line", object, `${path} ${text.trim() === "" ? "is empty" : "begins with an empty line"}: a server that reads it does not start`, {
      remedy: "Remove the empty lines at its beginning.",
      source: "facts 1.5: The input file is empty.",
    }),
  ];
}

async function nodeLists(cluster: DdCluster, facts: DdFacts, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  const controllers = cluster.nodes.filter(({ role }) => role === "controller");
  const files = await Promise.all(
    controllers.map(async (node) => {
      const path = `${node.clusterDirectory}/config/cluster.nodes`;
      return { node, path, text: await node.host.readText(path) };
    }),
  );
  const raft = facts.structure.haMode === "Raft";
  const found: Check[] = [];
  const sets = new Map<string, string[]>();
  for (const { node, path, text } of files) {
    if (text === null) {
      if (nodes.includes(node))
        found.push(
          blocker("cluster-nodes", node.name, `${path} is not there on ${node.hostName}: the start script names it`, {
            remedy: "Put it there, as the other controllers have it.",
            source,
          }),
        );
      continue;
    }
    if (nodes.includes(node)) found.push(...emptyFirstLine(node.name, path, text));
    const lines = text
      .split(/\r?\n/)
      .map((line) => line.replaceAll(/\s/g, ""))
      .filter((line) => line !== "" && !/^localSite,mode/i.test(line));
    const key = lines.toSorted().join("\n");
    sets.set(key, [...(sets.get(key) ?? []), node.name]);
    const unknown = lines.flatMap((line) => {
      const [site = ""] = line.split(",");
      const alias = site.split(":")[2] ?? "";
      return alias === "" || cluster.aliased(alias) !== null ? [] : [site];
    });
    if (unknown.length > 0 && !raft)
      found.push(
        blocker("cluster-nodes", node.name, `${path} names nodes that the cluster file does not have: ${some(unknown)}`, {
          remedy: "Add them to the cluster file: they share the fate of their host.",
          source,
        }),
      );
  }
  if (sets.size > 1)
    found.push(
      warning(
        "cluster-nodes",
        "cluster.nodes",
        `is not the same on every controller: ${[...sets.values()].map((names) => names.join(", ")).join(" | ")}`,
        {
          remedy: raft
            ? "With Raft the file counts only for the first start; bring the copies to one another so that nobody is misled."
            : "Bring the copies to one another.",
          source,
        },
      ),
    );
  if (found.length > 0) return found;
  return [
    passed("cluster-nodes", "cluster.nodes", `the same on every controller${raft ? "; with Raft it counts only for the first start" : ""}`, {
      source,
    }),
  ];
}
