// Settings as `inspect --settings` and the checks of a plan show them.
import type { SettingView } from "../../../model/driver.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { configFileOf } from "./config-file.ts";
import { diffOf, diffText } from "./diff.ts";
import { isSecretKey } from "./known.ts";
import { runningValues } from "./running.ts";
import { changesFor, settingKey, unknownKeys } from "./scope.ts";

/** One row for each node that a key concerns, under that key; a key that concerns nobody is absent. Every one of them takes a restart. */
export async function readSettings(cluster: OmCluster, facts: OmFacts, keys: readonly string[]): Promise<readonly SettingView[]> {
  const rows = keys.flatMap((key) => {
    const parsed = settingKey(facts, key);
    if (parsed === null) return [];
    const nodes = cluster.nodes.filter((node) => ("role" in parsed.of ? node.role === parsed.of.role : node.name === parsed.of.node));
    return nodes.map((node) => ({ key, node, name: parsed.name }));
  });
  return Promise.all(
    rows.map(async ({ key, node, name }) => {
      const [found] = await runningValues(cluster, node, [name]);
      const secret = isSecretKey(name);
      const evidence = `${node.name}: ${found?.evidence ?? "nobody told it"}`;
      return {
        key,
        node: node.name,
        value: secret ? null : (found?.value ?? null),
        apply: "restart",
        secret,
        evidence,
        proved: found?.proved ?? false,
      };
    }),
  );
}

/** The diff per file and node (OC-3), read from the hosts when the plan is made, and what is known against the change. */
export async function examineSettings(cluster: OmCluster, facts: OmFacts, goal: Goal): Promise<readonly Check[]> {
  const changed = cluster.nodes
    .map((node) => ({ node, changes: changesFor(facts, goal, node.name) }))
    .filter(({ node, changes }) => Object.keys(changes).length > 0 && (goal.only === null || goal.only.includes(node.name)));
  const diffs = changed.map(async ({ node, changes }): Promise<Check> => {
    const text = await node.host.readText(`${node.directory}/${configFileOf(node)}`);
    if (text === null)
      return {
        code: "settings",
        object: node.name,
        verdict: "blocker",
        what: `there is no ${node.directory}/${configFileOf(node)} on ${node.host.name}`,
        remedy: "Check the node's directory and component in the cluster file.",
      };
    const values = await Promise.all(
      Object.entries(changes).map(async ([key, value]) => [key, value === null ? null : await cluster.secret(value)] as const),
    );
    return {
      code: "settings",
      object: node.name,
      verdict: "passed",
      what: diffText(node, diffOf(node, text, Object.fromEntries(values))),
      source: "OC-3",
    };
  });
  const unknown = unknownKeys(facts, goal).map((key): Check => ({
    code: "settings-unknown",
    object: key,
    verdict: "warning",
    what: "not a setting that is known of OpenMLDB 0.7 to 0.9; a component that meets a flag it does not know ends at its start",
    remedy: "Compare it with the vendor's list for your release.",
  }));
  return [...(await Promise.all(diffs)), ...unknown];
}
