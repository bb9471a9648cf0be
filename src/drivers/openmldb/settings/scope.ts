// Which node a setting of the goal concerns. Pure.
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import { roles } from "../options.ts";
import type { OmFacts, Role } from "../facts.ts";
import type { FlagChanges } from "../operations/install-params.ts";
import { isKnown, isSecretKey, mayNotSet, objection } from "./known.ts";

/** `tablet.gc_interval`, `taskmanager.job.log.path`, `NODE.gc_interval`. */
export interface SettingKey {
  readonly key: string;
  readonly of: { readonly role: Role } | { readonly node: string };
  readonly name: string;
}
const isRole = (text: string): text is Role => roles.some((role) => role === text);

/** Null: it begins neither with a role nor with a node. A node's name may contain dots; a role comes before a node of that name. */
export function settingKey(facts: OmFacts, key: string): SettingKey | null {
  const [role = ""] = key.split(".", 1);
  const node = Object.keys(facts.structure.nodes)
    .filter((name) => key.startsWith(`${name}.`))
    .toSorted((a, b) => b.length - a.length)[0];
  const owner = isRole(role) && key.includes(".") ? role : node;
  if (owner === undefined) return null;
  const rest = key.slice(owner.length + 1);
  if (rest === "") return null;
  const of = isRole(owner) ? { role: owner } : { node: owner };
  const properties = "role" in of ? of.role === "taskmanager" : facts.structure.nodes[of.node]?.role === "taskmanager";
  return { key, of, name: properties ? rest : rest.replace(/^--?/, "").replaceAll("-", "_") };
}

/** What the goal changes in the file of one node; what is said of the node itself comes before what is said of its role. Empty: nothing. */
export function changesFor(facts: OmFacts, goal: Pick<Goal, "settings">, node: string): FlagChanges {
  const role = facts.structure.nodes[node]?.role;
  const keys = Object.entries(goal.settings).flatMap(([key, value]) => {
    const parsed = settingKey(facts, key);
    return parsed === null ? [] : [{ ...parsed, value }];
  });
  return Object.fromEntries([
    ...keys.filter(({ of }) => "role" in of && of.role === role).map(({ name, value }) => [name, value] as const),
    ...keys.filter(({ of }) => "node" in of && of.node === node).map(({ name, value }) => [name, value] as const),
  ]);
}

const reference = /^@(env|file|command):/;

/** Error SW6002 for keys and values that are wrong, one line each. */
export function refuseSettings(facts: OmFacts, goal: Pick<Goal, "settings">): void {
  const wrong = Object.entries(goal.settings).flatMap(([key, value]): readonly string[] => {
    const parsed = settingKey(facts, key);
    if (parsed === null) return [`${key}: it begins neither with a role (${roles.join(", ")}) nor with a node; as tablet.gc_interval`];
    if (!concerned(facts, parsed)) return [`${key}: the cluster has no such node`];
    const reserved = mayNotSet(parsed.name);
    if (reserved !== null) return [`${key}: ${reserved}`];
    if (value === null) return [];
    if (isSecretKey(parsed.name) && !reference.test(value)) return [`${key}: it is a secret: give @env:NAME, @file:PATH or @command:COMMAND`];
    const why = reference.test(value) ? null : objection(parsed.name, value);
    return why === null ? [] : [`${key}: ${why}`];
  });
  const [first] = wrong;
  if (first === undefined) return;
  throw new StillwaterError("SW6002", first, {
    why: wrong,
    object: first.slice(0, first.indexOf(":")),
    remedy: `Mend ${wrong.length === 1 ? "it" : "them"}: --set ROLE.NAME=VALUE or --set NODE.NAME=VALUE; "stillwater inspect --setting ROLE.NAME" shows what is set.`,
  });
}
const concerned = (facts: OmFacts, { of }: SettingKey): boolean =>
  "node" in of ? facts.structure.nodes[of.node] !== undefined : Object.values(facts.structure.nodes).some(({ role }) => role === of.role);

/** Keys that nothing is known of: a component ends at its start when it meets a flag that it does not know. */
export const unknownKeys = (facts: OmFacts, goal: Pick<Goal, "settings">): readonly string[] =>
  Object.entries(goal.settings).flatMap(([key, value]) => {
    const parsed = settingKey(facts, key);
    if (parsed === null || value === null) return [];
    const role = "role" in parsed.of ? parsed.of.role : facts.structure.nodes[parsed.of.node]?.role;
    return isKnown(role === "taskmanager" ? "properties" : "flags", parsed.name) ? [] : [key];
  });
