// An edited flags or properties file as settings of a goal. Pure.
import { StillwaterError } from "../../../model/errors.ts";
import type { OmNode } from "../cluster.ts";
import type { Role } from "../facts.ts";
import { readConfig } from "./config-file.ts";
import { mayNotSet } from "./known.ts";

/**
 * What an operator's edit of `present` changes, as keys of a goal (`tablet.gc_interval`, or `NODE.gc_interval` when it is one node's file). Error SW6002
 * when it changes what a run may not: identity and places differ from node to node, so a file for a whole role is compared with the file of the node it
 * was copied from.
 */
export function settingsOfEdit(
  owner: Role | (string & {}),
  node: Pick<OmNode, "role">,
  present: string,
  edited: string,
): Readonly<Record<string, string | null>> {
  const [before, after] = [readConfig(node, present), readConfig(node, edited)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  const wrong = changed.flatMap((key) => ((why) => (why === null ? [] : [`${owner}.${key}: ${why}`]))(mayNotSet(key)));
  const [first] = wrong;
  if (first !== undefined)
    throw new StillwaterError("SW6002", first, { object: owner, why: wrong, remedy: "Nothing was changed. Take these lines out of the edit." });
  return Object.fromEntries(changed.map((key) => [`${owner}.${key}`, after.get(key) ?? null]));
}
