// Settings that cannot be set, each with the reason; pure.
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import { nowOf, type PgFacts } from "../facts.ts";
import { isSecretSetting, mayNotSet } from "../settings/known.ts";
import { nearest, parseValue } from "../settings/value.ts";
import { inScope, knownName } from "./scope.ts";

/** Error SW6002 for names and values that are wrong, one line each. Says nothing when the server's catalogue could not be read: then the values are judged by the server. */
export function refuseSettings(facts: PgFacts, goal: Goal): void {
  const names = Object.keys(facts.now.catalogue);
  const wrong = Object.entries(goal.settings).flatMap(([key, value]): readonly string[] => {
    const name = knownName(facts, key);
    const entry = name === null ? undefined : facts.now.catalogue[name];
    if (name === null || entry === undefined) {
      // A prefix that no loaded library owns is a placeholder: the server takes it as it is.
      const near = nearest(key, names);
      return [`${key}: the server has no such setting${near.length === 0 ? "" : `; did you mean ${near.join(", ")}?`}`];
    }
    if (entry[0] === "internal") return [`${name}: the server decides it itself (context internal)`];
    const reserved = mayNotSet(name);
    if (reserved !== null) return [`${name}: ${reserved}`];
    if (isSecretSetting(name)) return [`${name}: it holds a secret, which a run would have to journal to be able to put it back; set it by hand`];
    const commanded = inScope(facts, goal).filter((node) => nowOf(facts, node).settingSources[name] === "command line");
    if (commanded.length > 0) return [`${name}: it stands on the command line of ${commanded.join(", ")}, which comes before every file`];
    if (value === null) return [];
    if (/[\n\r\0]/.test(value)) return [`${name}: a value cannot contain a line break`];
    const parsed = parseValue(name, value, entry);
    return parsed.ok ? [] : [parsed.why];
  });
  const [first] = wrong;
  if (first === undefined) return;
  throw new StillwaterError("SW6002", first, {
    why: wrong,
    object: first.slice(0, first.indexOf(":")),
    remedy: "Nothing was changed. Mend the named settings.",
  });
}
