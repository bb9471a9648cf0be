// Which node, and which file of it, a setting of the goal concerns. Pure.
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import type { SettingChanges } from "../step-names.ts";
import { appliesOnline, isSecretKey, mayNotSet, objection } from "./known.ts";

export const ownFiles = { controller: "controller.cfg", agent: "agent.cfg" } as const;
/**
 * `controller.KEY`, `agent.KEY`: the file of every such node. `cluster.KEY`: cluster.cfg, which the Raft group owns, for all data and compute nodes.
 * `ALIAS.KEY` (or a node's name in the cluster file): that node's own file, or its line in cluster.cfg.
 */
export type SettingKey =
  | { readonly in: "controller.cfg" | "agent.cfg"; readonly nodes: readonly string[]; readonly name: string }
  | { readonly in: "cluster.cfg"; readonly nodes: readonly string[]; readonly name: string; /** As it stands there. */ readonly line: string };

/** Null: it begins with none of these. */
export function settingKey(facts: DdFacts, key: string): SettingKey | null {
  const dot = key.indexOf(".");
  const [first, rest] = [key.slice(0, dot), key.slice(dot + 1)];
  if (dot < 1 || rest === "") return null;
  const clients = [...nodesOf(facts, "datanode"), ...nodesOf(facts, "computenode")];
  if (first === "controller" || first === "agent") return { in: ownFiles[first], nodes: nodesOf(facts, first), name: rest };
  if (first === "cluster") return { in: "cluster.cfg", nodes: clients, name: rest, line: rest };
  const found = Object.entries(facts.structure.nodes)
    .flatMap(([name, node]) => [...new Set([name, node.alias])].filter((word) => key.startsWith(`${word}.`)).map((word) => ({ word, name, node })))
    .toSorted((a, b) => b.word.length - a.word.length)[0];
  if (found === undefined) return null;
  const { word, name, node } = found;
  const own = key.slice(word.length + 1);
  if (own === "") return null;
  if (node.role === "controller" || node.role === "agent") return { in: ownFiles[node.role], nodes: [name], name: own };
  return { in: "cluster.cfg", nodes: [name], name: own, line: `${node.alias}.${own}` };
}
const parsed = (facts: DdFacts, { settings }: Pick<Goal, "settings">): readonly (SettingKey & { readonly value: string | null })[] =>
  Object.entries(settings).flatMap(([key, value]) => {
    const found = settingKey(facts, key);
    return found === null ? [] : [{ ...found, value }];
  });
/** What is said of a node itself comes after, and so before, what is said of its role. */
const generalFirst = (keys: ReturnType<typeof parsed>): ReturnType<typeof parsed> => keys.toSorted((a, b) => b.nodes.length - a.nodes.length);

/** What the goal changes in the own file of a controller or an agent; empty: nothing. */
export const ownChanges = (facts: DdFacts, goal: Pick<Goal, "settings">, node: string): SettingChanges =>
  Object.fromEntries(
    generalFirst(parsed(facts, goal)).flatMap((key) =>
      key.in !== "cluster.cfg" && key.nodes.includes(node) ? [[key.name, key.value] as const] : [],
    ),
  );
/** What it changes in cluster.cfg, by the key as it stands there. */
export const clusterChanges = (facts: DdFacts, goal: Pick<Goal, "settings">): SettingChanges =>
  Object.fromEntries(parsed(facts, goal).flatMap((key) => (key.in === "cluster.cfg" ? [[key.line, key.value] as const] : [])));
/** What a node shall say of itself afterwards, wherever it stands. */
export const changesFor = (facts: DdFacts, goal: Pick<Goal, "settings">, node: string): SettingChanges =>
  Object.fromEntries(generalFirst(parsed(facts, goal)).flatMap((key) => (key.nodes.includes(node) ? [[key.name, key.value] as const] : [])));

/** Nodes that have a changed key only from their next start on; unsetting one always takes a start. */
export const restartsFor = (facts: DdFacts, goal: Pick<Goal, "settings">): readonly string[] =>
  Object.keys(facts.structure.nodes).filter((node) =>
    Object.entries(changesFor(facts, goal, node)).some(([key, value]) => value === null || !appliesOnline(key)),
  );
/** What is changed on running nodes, beside the file that their next start reads. */
export const onlineFor = (
  facts: DdFacts,
  goal: Pick<Goal, "settings">,
): readonly { readonly node: string; readonly key: string; readonly value: string }[] =>
  Object.keys(facts.structure.nodes).flatMap((node) =>
    Object.entries(changesFor(facts, goal, node)).flatMap(([key, value]) => (value !== null && appliesOnline(key) ? [{ node, key, value }] : [])),
  );

const reference = /^@(env|file|command):/;

/** Error SW6002 for keys and values that are wrong, one line each. */
export function refuseSettings(facts: DdFacts, goal: Pick<Goal, "settings">): void {
  const wrong = Object.entries(goal.settings).flatMap(([key, value]): readonly string[] => {
    const found = settingKey(facts, key);
    if (found === null) return [`${key}: it begins neither with controller, agent or cluster nor with an alias; as cluster.maxMemSize`];
    if (found.nodes.length === 0) return [`${key}: the cluster has no such node`];
    const reserved = mayNotSet(found.name);
    if (reserved !== null) return [`${key}: ${reserved}`];
    if (value === null) return [];
    if (isSecretKey(found.name)) return [`${key}: it is a secret, and the server would show it in its configuration: set it by hand`];
    const why = reference.test(value) ? null : objection(found.name, value);
    return why === null ? [] : [`${key}: ${why}`];
  });
  const [first] = wrong;
  if (first === undefined) return;
  throw new StillwaterError("SW6002", first, {
    why: wrong,
    object: first.slice(0, first.indexOf(":")),
    remedy: `Mend ${wrong.length === 1 ? "it" : "them"}: --set controller.KEY=VALUE, --set agent.KEY=VALUE, --set cluster.KEY=VALUE or --set ALIAS.KEY=VALUE.`,
  });
}

/** Options that `completeSettings` writes when a plan is made: what each key was then, `former.KEY`; one that was not set has `former.KEY.unset`. */
export const formerPrefix = "former.";
/** Each setting of the goal as it was when it was planned; secrets and keys that nobody read stay. */
export function formerSettings(_before: DdFacts, goal: Goal): Readonly<Record<string, string | null>> {
  const entries = Object.keys(goal.settings).flatMap((key): readonly (readonly [string, string | null])[] => {
    const was = goal.options[`${formerPrefix}${key}`];
    if (was !== undefined) return [[key, was]];
    return goal.options[`${formerPrefix}${key}.unset`] === undefined ? [] : [[key, null]];
  });
  return Object.fromEntries(entries);
}
