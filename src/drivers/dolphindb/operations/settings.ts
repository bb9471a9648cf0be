// Changes of settings: files that a node reads at its next start, cluster.cfg of the Raft group, and what running nodes take at once (facts 1.5).
import { createHash } from "node:crypto";
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readClusterConfig, reloadClusterConfig, saveClusterConfig, setDynamicConfig, setRestartInterval } from "../settings/cluster-config.ts";
import { diffOf, editConfigText, missingIn, readConfigText } from "../settings/config-text.ts";
import { runningValue, sameValue } from "../settings/running.ts";
import type { SettingChanges, StepParams } from "../step-names.ts";
import { isUnknownFunction } from "../wire/errors.ts";
import { freePath } from "./installation.ts";

/** After an effect whose answer was lost: longer than a request may take. */
const effectMs = 30_000;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** With every reference (`@env:`, ...) replaced by what it stands for. */
async function resolved(cluster: DdCluster, changes: SettingChanges): Promise<SettingChanges> {
  const entries = Object.entries(changes).map(async ([key, value]) => [key, value === null ? null : await cluster.secret(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

// ------------------------------------------------------------------------------------------------ controller.cfg, agent.cfg
type WriteParams = StepParams["writeSettings"];
/** Beside the file; a number behind it when an earlier run has left one. */
type BeforeWrite = { readonly backup: string };

const pathOf = (node: DdNode, file: string): string => `${node.clusterDirectory}/config/${file}`;
async function textOf(node: DdNode, file: string): Promise<string> {
  const text = await node.host.readText(pathOf(node, file));
  if (text !== null) return text;
  throw new StillwaterError("SW3005", `${node.name} has no ${pathOf(node, file)} on ${node.host.name}`, {
    object: pathOf(node, file),
    remedy: "Check `clusterDirectory` of the node in the cluster file.",
  });
}
/** What the file shall become; `text` itself when it has everything already. */
async function wanted(cluster: DdCluster, node: DdNode, text: string, { changes, from }: WriteParams): Promise<string> {
  const values = await resolved(cluster, changes);
  if (from === null) return missingIn(text, values).length === 0 ? text : editConfigText(text, values);
  const copy = await node.host.readText(from);
  // The copy is made before the file is touched: where there is none, there is nothing to put back.
  if (copy === null || copy === text) return text;
  if (text === editConfigText(copy, values)) return copy;
  const had = readConfigText(copy);
  const former = Object.fromEntries(Object.keys(changes).map((key) => [key, had.get(key) ?? null]));
  return missingIn(text, former).length === 0 ? text : editConfigText(text, former);
}

export const writeSettingsOperation = (cluster: DdCluster) => {
  const write = operation<DdFacts, WriteParams, BeforeWrite>("writeSettings", {
    fenced: "host",
    async prepare({ node: name, file }) {
      const node = cluster.node(name);
      return { backup: await freePath(node.host, `${pathOf(node, file)}.bak`) };
    },
    async look(params, { before }): Promise<Look> {
      const node = cluster.node(params.node);
      const text = await textOf(node, params.file);
      if ((await wanted(cluster, node, text, params)) !== text) return { is: "open" };
      const copy = params.from === null ? await node.host.readText(before.backup) : null;
      return {
        is: "done",
        proof: {
          file: pathOf(node, params.file),
          diff: params.from === null ? [...diffOf(copy ?? text, await resolved(cluster, params.changes))] : ["put back"],
          backup: copy === null ? null : before.backup,
        },
      };
    },
    async act(params, { before }, context) {
      const node = cluster.node(params.node);
      const { host } = node;
      const text = await textOf(node, params.file);
      const content = await wanted(cluster, node, text, params);
      await context.send(host.name, async (fence) => {
        if (params.from === null && (await host.readText(before.backup)) !== text)
          await host.writeFile(fence, before.backup, text, { mode: "600", expected: null });
        await host.writeFile(fence, pathOf(node, params.file), content, { expected: sha256(text) });
      });
      return null;
    },
    undo: ({ node, file, changes, from }, { backup }): readonly Item[] =>
      from === null ? [write.step(`settings of ${node} back`, "restore", { node, file, changes, from: backup })] : [],
  });
  return write;
};

// ------------------------------------------------------------------------------------------------ cluster.cfg
type BeforeSave = { readonly former: SettingChanges };

export const saveClusterSettingsOperation = (cluster: DdCluster) => {
  const save = operation<DdFacts, StepParams["saveClusterSettings"], BeforeSave>("saveClusterSettings", {
    fenced: "host",
    settleMs: effectMs,
    answersSettle: true,
    async prepare({ changes }) {
      const has = readConfigText((await readClusterConfig(cluster)).text);
      return { former: Object.fromEntries(Object.keys(changes).map((key) => [key, has.get(key) ?? null])) };
    },
    async look({ changes }, { before }): Promise<Look> {
      const values = await resolved(cluster, changes);
      const { leader, text } = await readClusterConfig(cluster);
      const missing = missingIn(text, values);
      if (missing.length > 0) return { is: "open", why: `${missing.join(", ")} not saved yet` };
      const was = Object.entries(before.former).map(([key, value]) => `${key}=${value ?? "(not set)"}`);
      return { is: "done", proof: { saidBy: leader, was } };
    },
    async act({ changes }, _, context) {
      const values = await resolved(cluster, changes);
      const { leader, text } = await readClusterConfig(cluster);
      const { host } = cluster.node(leader);
      const lines = editConfigText(text, values);
      await context.send(host.name, async (fence) => {
        await cluster.rpc.effect(leader, saveClusterConfig(lines), { host, fence }, effectMs);
        try {
          await cluster.rpc.effect(leader, reloadClusterConfig, { host, fence }, effectMs);
        } catch (error) {
          // Older releases take the lines in by themselves, and do not know the word.
          if (!isUnknownFunction(error)) throw error;
        }
      });
      return null;
    },
    undo: (_, { former }): readonly Item[] => [save.step("cluster.cfg back", "restore", { changes: former })],
  });
  return save;
};

// ------------------------------------------------------------------------------------------------ running nodes
type BeforeDynamic = { readonly was: string | null };

export const setDynamicOperation = (cluster: DdCluster) => {
  const set = operation<DdFacts, StepParams["setDynamic"], BeforeDynamic>("setDynamic", {
    fenced: "host",
    settleMs: effectMs,
    answersSettle: true,
    prepare: async ({ node, key }) => ({ was: await runningValue(cluster, node, key) }),
    async look({ node, key, value }, { before }): Promise<Look> {
      const wantedValue = await cluster.secret(value);
      const now = await runningValue(cluster, node, key);
      return sameValue(now, wantedValue)
        ? { is: "done", proof: { node, key, was: before.was, now } }
        : { is: "open", why: `${node} has ${key}=${now ?? "(default)"}` };
    },
    async act({ node: name, key, value }, _, context) {
      const node = cluster.node(name);
      const text = await cluster.secret(value);
      const script = key === "datanodeRestartInterval" ? setRestartInterval(text) : setDynamicConfig(key, text);
      await context.send(node.host.name, (fence) => cluster.rpc.effect(name, script, { host: node.host, fence }, effectMs));
      return null;
    },
    // What was the default cannot be said as a value: the next start brings it.
    undo: ({ node, key }, { was }): readonly Item[] =>
      was === null ? [] : [set.step(`${key} of ${node} back`, "restore", { node, key, value: was })],
  });
  return set;
};

/** What the node itself says, after its start or an online change. */
export const readSettingsOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["readSettings"]>("readSettings", {
    async look({ node, changes }): Promise<Look> {
      const values = await resolved(cluster, changes);
      const proof: Record<string, Json> = {};
      for (const [key, value] of Object.entries(values)) {
        const now = await runningValue(cluster, node, key);
        // One that is unset has the vendor's default, which nobody states: it only must not be what was unset.
        if (value !== null && !sameValue(now, value))
          return { is: "waiting", for: `${node} to run with ${key}=${value}; getConfig says ${now ?? "nothing"}` };
        proof[key] = value === null ? `unset; ${node} now says ${now ?? "nothing"}` : `proved: ${node} says ${now ?? ""}`;
      }
      return { is: "done", proof };
    },
  });

export const settingsOperations = (cluster: DdCluster) =>
  [writeSettingsOperation(cluster), saveClusterSettingsOperation(cluster), setDynamicOperation(cluster), readSettingsOperation(cluster)] as const;
