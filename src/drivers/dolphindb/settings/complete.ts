// What of a goal's settings must be known before it is judged: edited files as settings, and what each key is now, for the way back.
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import { readClusterConfig } from "./cluster-config.ts";
import { readConfigText } from "./config-text.ts";
import { isSecretKey, mayNotSet } from "./known.ts";
import { formerPrefix, ownFiles } from "./scope.ts";

export const editedPrefix = "edited.";

/**
 * `-o edited.controller=FILE` (or agent, cluster, an alias of a controller or an agent) becomes the settings in which the file differs from what counts now; what
 * `--set` says comes before that. Errors SW1001, SW3005, SW6002. `readEdited`: of a file on this machine.
 */
export async function completeSettings(cluster: DdCluster, goal: Goal, readEdited: (path: string) => Promise<string>): Promise<Goal> {
  const edits = Object.entries(goal.options).filter(([key]) => key.startsWith(editedPrefix));
  if (edits.length === 0 && Object.keys(goal.settings).length === 0) return goal;
  const present = new Present(cluster);
  const settings: Record<string, string | null> = {};
  for (const [key, path] of edits) Object.assign(settings, await editOf(present, key.slice(editedPrefix.length), await readEdited(path)));
  Object.assign(settings, goal.settings);
  const former: Record<string, string> = {};
  for (const key of Object.keys(settings)) {
    if (isSecretKey(key)) continue;
    const was = await present.value(key);
    if (was !== undefined) former[was === null ? `${formerPrefix}${key}.unset` : `${formerPrefix}${key}`] = was ?? "";
  }
  const others = Object.entries(goal.options).filter(([key]) => !key.startsWith(editedPrefix));
  return { ...goal, settings, options: { ...Object.fromEntries(others), ...former } };
}

class Present {
  readonly #cluster: DdCluster;
  readonly #texts = new Map<string, Promise<string>>();
  constructor(cluster: DdCluster) {
    this.#cluster = cluster;
  }
  /** Of `controller`, `agent`, `cluster` or an alias; null: no such owner. */
  text(owner: string): Promise<string> | null {
    if (owner === "cluster") return this.#once("cluster", async () => (await readClusterConfig(this.#cluster)).text);
    const node = this.#owner(owner);
    if (node === null || (node.role !== "controller" && node.role !== "agent")) return null;
    const path = `${node.clusterDirectory}/config/${ownFiles[node.role]}`;
    return this.#once(node.name, async () => {
      const text = await node.host.readText(path);
      if (text === null) throw new StillwaterError("SW3005", `${node.name} has no ${path} on ${node.host.name}`, { object: node.name });
      return text;
    });
  }
  /** Null: not set. Undefined: the key concerns nobody, which the checks will say. */
  async value(key: string): Promise<string | null | undefined> {
    const dot = key.indexOf(".");
    const [owner, name] = [key.slice(0, dot), key.slice(dot + 1)];
    const own = this.text(owner);
    if (own !== null) return readConfigText(await own).get(name) ?? null;
    const node = this.#owner(owner);
    const shared = this.text("cluster");
    return node === null || shared === null ? undefined : (readConfigText(await shared).get(`${node.alias}.${name}`) ?? null);
  }
  #owner(owner: string): DdNode | null {
    const { nodes } = this.#cluster;
    return nodes.find(({ role }) => role === owner) ?? nodes.find(({ name, alias }) => name === owner || alias === owner) ?? null;
  }
  #once(key: string, read: () => Promise<string>): Promise<string> {
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const reading = read();
    this.#texts.set(key, reading);
    return reading;
  }
}

async function editOf(present: Present, owner: string, edited: string): Promise<Readonly<Record<string, string | null>>> {
  const text = present.text(owner);
  if (text === null)
    throw new StillwaterError("SW1001", `${editedPrefix}${owner} names neither controller, agent or cluster nor a controller or an agent`, {
      object: owner,
    });
  const [before, after] = [readConfigText(await text), readConfigText(edited)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  const wrong = changed.flatMap((key) =>
    ((why) => (why === null ? [] : [`${owner}.${key}: ${why}`]))(mayNotSet(key.slice(key.lastIndexOf(".") + 1))),
  );
  const [first] = wrong;
  if (first !== undefined)
    throw new StillwaterError("SW6002", first, { object: owner, why: wrong, remedy: "Nothing was changed. Take these lines out of the edit." });
  // A line ALIAS.KEY of cluster.cfg is a setting of that node.
  return Object.fromEntries(changed.map((key) => [owner === "cluster" && key.includes(".") ? key : `${owner}.${key}`, after.get(key) ?? null]));
}
