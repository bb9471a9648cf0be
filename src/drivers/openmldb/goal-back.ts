// The way back. Pure.
import type { Goal } from "../../model/goal.ts";
import type { OmFacts } from "./facts.ts";
import { isSecretKey } from "./settings/known.ts";
import { settingKey } from "./settings/scope.ts";

export const undoUntil = (_: OmFacts, goal: Goal): string => {
  if (goal.maintenance) return "until the end: what was moved and added is journaled";
  const secret = Object.keys(goal.settings).some(isSecretKey);
  const settings = secret ? "former settings are known (those of secret keys: in the backup beside each file)" : "former settings are known";
  if (goal.version === null) return `until the end: ${settings}`;
  const spark = goal.options["spark"] === undefined ? "" : "; the Spark distribution stays the new one, its former one is kept beside SPARK_HOME";
  return `until the end: bin/ of the former release is kept beside the new one; the vendor states no format that an older release could not read, and promises none${spark}`;
};

/** What a way back leaves as the run has made it: said in its plan, for nobody should find out afterwards. */
const staying = (goal: Goal): readonly string[] => [
  ...(goal.options["spark"] === undefined ? [] : ["the Spark distribution (its former one is kept beside SPARK_HOME)"]),
  ...Object.keys(goal.settings)
    .filter(isSecretKey)
    .map((key) => `${key}, a secret (its former value is in the backup beside its file)`),
];

/** The version that most nodes had, from what is kept on the hosts; each setting as each node's file had it. A secret is nobody's to journal: it stays. */
export function goalBack(before: OmFacts, goal: Goal): Goal {
  const nodes = Object.entries(before.structure.nodes).filter(([name]) => goal.only === null || goal.only.includes(name));
  const installed = nodes.map(([, node]) => node.installed);
  const version = goal.version === null ? null : (mostFrequent(installed.filter((each) => each !== goal.version)) ?? mostFrequent(installed));
  const settings: Record<string, string | null> = {};
  for (const key of Object.keys(goal.settings)) {
    const parsed = settingKey(before, key);
    if (parsed === null || isSecretKey(parsed.name)) continue;
    for (const [name, node] of nodes)
      if ("role" in parsed.of ? node.role === parsed.of.role : name === parsed.of.node)
        settings[`${name}.${parsed.name}`] = node.settings?.[parsed.name] ?? null;
  }
  const options = Object.fromEntries(Object.entries(goal.options).filter(([key]) => !key.startsWith("spark")));
  const stays = staying(goal);
  return {
    ...goal,
    version,
    artefact: null,
    settings,
    restart: goal.restart,
    mode: "auto",
    options: { ...options, release: "kept", ...(stays.length === 0 ? {} : { stays: stays.join("; ") }) },
  };
}

function mostFrequent(versions: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const version of versions) if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
