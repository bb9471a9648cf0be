// Settings as `inspect --settings` and the checks of a plan show them.
import type { SettingView } from "../../../model/driver.ts";
import { Unreachable } from "../../../model/errors.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readClusterConfig } from "./cluster-config.ts";
import { diffOf } from "./config-text.ts";
import { appliesOnline, caution, isSecretKey } from "./known.ts";
import { runningValue } from "./running.ts";
import { clusterChanges, ownChanges, ownFiles, refuseSettings, settingKey } from "./scope.ts";

/** One row for each node that a key concerns, under that key, read from the node itself; a key that concerns nobody is absent. */
export async function readSettings(cluster: DdCluster, facts: DdFacts, keys: readonly string[]): Promise<readonly SettingView[]> {
  const rows = keys.flatMap((key) => {
    const found = settingKey(facts, key);
    return found === null ? [] : found.nodes.map((node) => ({ key, node, name: found.name }));
  });
  return Promise.all(
    rows.map(async ({ key, node, name }): Promise<SettingView> => {
      const secret = isSecretKey(name);
      const apply = appliesOnline(name) ? "dynamic" : "restart";
      try {
        const value = await runningValue(cluster, node, name);
        const evidence = `${node}: getConfig("${name}") ${value === null ? "is not set: the vendor's default counts" : "says so"}`;
        return { key, node, value: secret ? null : value, apply, secret, evidence, proved: true };
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        return { key, node, value: null, apply, secret, evidence: `${node} could not be asked: ${error.message}`, proved: false };
      }
    }),
  );
}

/** The diff per file and node, and of what the Raft group owns, when the plan is made. Error SW6002 for what is wrong. */
export async function examineSettings(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  if (Object.keys(goal.settings).length === 0) return [];
  refuseSettings(facts, goal);
  const own = cluster.nodes.flatMap((node) => {
    const changes = ownChanges(facts, goal, node.name);
    return Object.keys(changes).length === 0 || (node.role !== "controller" && node.role !== "agent")
      ? []
      : [{ node, changes, file: ownFiles[node.role] }];
  });
  const diffs = own.map(async ({ node, changes, file }): Promise<Check> => {
    const text = await node.host.readText(`${node.clusterDirectory}/config/${file}`);
    if (text === null)
      return {
        code: "settings",
        object: node.name,
        verdict: "blocker",
        what: `there is no ${node.clusterDirectory}/config/${file} on ${node.host.name}`,
        remedy: "Check `clusterDirectory` of the node in the cluster file.",
      };
    return { code: "settings", object: node.name, verdict: "passed", what: shown(`config/${file}`, diffOf(text, changes)), source: "facts 1.5" };
  });
  const raft = clusterChanges(facts, goal);
  const owned =
    Object.keys(raft).length === 0
      ? []
      : [
          {
            code: "settings",
            object: "cluster.cfg",
            verdict: "passed" as const,
            what: shown("cluster.cfg, owned by the Raft group", diffOf((await readClusterConfig(cluster)).text, raft)),
            source: "facts 1.5: edits of the file on disk are ignored",
          },
        ];
  const cautions = Object.entries(goal.settings).flatMap(([key, value]): readonly Check[] => {
    const why = value === null ? null : caution(settingKey(facts, key)?.name ?? key, value);
    return why === null
      ? []
      : [
          {
            code: "settings-value",
            object: key,
            verdict: "warning",
            what: `${key}=${value ?? ""} ${why}`,
            remedy: "Say 60000 or more, or 0 for never.",
          },
        ];
  });
  return [...(await Promise.all(diffs)), ...owned, ...cautions];
}
const shown = (file: string, lines: readonly string[]): string => `${file}: ${lines.length === 0 ? "has it already" : lines.join(", ")}`;
