// Replicated streams: Raft groups of data nodes bear one loss of three, so no host may have two of a group, and all must be alive (facts 5.4).
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster } from "../cluster.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import { rowsOf, textIn, integerIn } from "../wire/read-value.ts";
import { asked, unanswered } from "./ask.ts";
import { blocker, count, passed } from "./check-kit.ts";
import { viewOf } from "./view.ts";

const code = "stream-groups";
const source = "facts 2, 5.4";

export async function streamingChecks(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  const { hostByHost } = viewOf(facts, goal);
  const serving = nodesOf(facts, "datanode").filter((name) => facts.now.nodes[name]?.state === "serving");
  const replicated = serving.filter((name) => {
    const mode = facts.structure.nodes[name]?.settings?.["streamingHAMode"] ?? "";
    return mode !== "" && mode.toLowerCase() !== "none";
  });
  if (replicated.length === 0) return [passed(code, "streams", "no data node has streamingHAMode set", { source })];
  const groups = new Map<string, string>();
  const found: Check[] = [];
  for (const name of replicated) {
    const answer = await asked(async () =>
      rowsOf(name, "getStreamingRaftGroups()", await cluster.rpc.call(name, "getStreamingRaftGroups"), ["id", "sites"]),
    );
    if (answer.is === "answer")
      for (const row of answer.value) groups.set(String(integerIn(row, "id") ?? textIn(row, "id") ?? "?"), textIn(row, "sites") ?? "");
    else found.push(unanswered(code, name, "which Raft groups of streams it belongs to could not be asked", answer));
  }
  for (const [id, sites] of groups) {
    const members = sites.split(",").flatMap((site) => {
      const [host = "", port = "", alias = ""] = site.trim().split(":");
      const node = cluster.aliased(alias) ?? cluster.nodes.find(({ endpoint }) => endpoint === `${host}:${port}`) ?? null;
      return site.trim() === "" ? [] : [{ site: site.trim(), node }];
    });
    const wrong: string[] = [];
    const dead = members.filter(({ node }) => node === null || facts.now.nodes[node.name]?.state !== "serving");
    if (members.length < 3) wrong.push(`${count(members.length, "member")}: it bears no loss`);
    if (dead.length > 0) wrong.push(`not all alive: ${dead.map(({ site }) => site).join(", ")}`);
    const hosts = members.map(({ node }) => node?.hostName ?? "?");
    const twice = hosts.find((host, index) => host !== "?" && hosts.indexOf(host) !== index);
    if (twice !== undefined) wrong.push(`more than one member on ${twice}`);
    if (wrong.length > 0 && hostByHost)
      found.push(
        blocker(code, `group ${id}`, wrong.join("; "), {
          remedy: "Give the group three members on three hosts, all alive, or stop what writes to its streams.",
          price: "streams of the group refuse writes while a host of it is down",
          source,
        }),
      );
    else
      found.push(passed(code, `group ${id}`, `${count(members.length, "member")} on ${count(new Set(hosts).size, "host")}, all alive`, { source }));
  }
  return found.length > 0 ? found : [passed(code, "streams", "no Raft group of streams", { source })];
}
