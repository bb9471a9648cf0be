// The goal that returns to where a run began. Pure; whether there is a way is decided when it is planned (`rollback.ts`).
import type { Goal } from "../../model/goal.ts";
import type { DdFacts } from "./facts.ts";
import { backOptions, writtenOf } from "./rollback.ts";
import { isSecretKey } from "./settings/known.ts";
import { formerSettings } from "./settings/scope.ts";

/** The version that most nodes had, from what is kept on the hosts; each setting as it was. A secret is nobody's to journal: it stays. */
export function goalBack(before: DdFacts, goal: Goal): Goal {
  const nodes = Object.entries(before.structure.nodes).filter(([name]) => goal.only === null || goal.only.includes(name));
  const versions = nodes.map(([name, node]) => node.installed ?? before.now.nodes[name]?.running ?? null);
  const version = goal.version === null ? null : (mostFrequent(versions.filter((each) => each !== goal.version)) ?? mostFrequent(versions));
  const kept = Object.entries(goal.options).filter(([key]) => !/^(package|plugins|edited|former|back)(\.|$)/.test(key));
  const stays = Object.keys(goal.settings).filter(isSecretKey);
  const written = writtenOf(before.now.chunks);
  return {
    ...goal,
    version,
    artefact: null,
    settings: formerSettings(before, goal),
    restart: goal.restart,
    mode: "auto",
    options: {
      ...Object.fromEntries(kept),
      release: "kept",
      ...(goal.version === null ? {} : { [backOptions.from]: goal.version }),
      ...(written === null ? {} : { [backOptions.written]: written }),
      ...(stays.length === 0 ? {} : { stays: stays.map((key) => `${key}, a secret (its former value is in the copy beside its file)`).join("; ") }),
    },
  };
}

function mostFrequent(versions: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const version of versions) if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
