// Settings: written into conf/COMPONENT.flags or conf/taskmanager.properties, beside a backup (OC-2), and taken by the component at its next start.
import { createHash } from "node:crypto";
import { StillwaterError } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster, OmNode } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { freePath } from "../installed.ts";
import { configFileOf, editConfig, missingIn, readConfig } from "../settings/config-file.ts";
import { diffOf, diffText } from "../settings/diff.ts";
import { runningValues } from "../settings/running.ts";
import type { FlagChanges, ReadBackParams, SetFlagsParams } from "./install-params.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const pathOf = (node: OmNode): string => `${node.directory}/${configFileOf(node)}`;

/** Error SW3005 when the component has no such file: it could not have been started. */
async function textOf(node: OmNode): Promise<string> {
  const text = await node.host.readText(pathOf(node));
  if (text === null)
    throw new StillwaterError("SW3005", `${node.name} has no ${pathOf(node)} on ${node.host.name}`, {
      object: pathOf(node),
      remedy: "Check the node's directory and component in the cluster file.",
    });
  return text;
}

/** With every reference (`@env:`, ...) replaced by what it stands for. */
async function resolved(cluster: OmCluster, changes: FlagChanges): Promise<FlagChanges> {
  const entries = Object.entries(changes).map(async ([key, value]) => [key, value === null ? null : await cluster.secret(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What a file shall become; `text` itself when it has everything already. */
async function wantedText(cluster: OmCluster, node: OmNode, text: string, { changes, from }: SetFlagsParams): Promise<string> {
  const values = await resolved(cluster, changes);
  if (from === null) return missingIn(node, text, values).length === 0 ? text : editConfig(node, text, values);
  const backup = await node.host.readText(from);
  // The backup is made before the file is touched: where there is none, there is nothing to put back.
  if (backup === null || text === backup) return text;
  // Nobody else changed the file meanwhile: it becomes what it was, byte for byte.
  if (text === editConfig(node, backup, values)) return backup;
  const had = readConfig(node, backup);
  const former = Object.fromEntries(Object.keys(changes).map((key) => [key, had.get(key.replaceAll("-", "_")) ?? had.get(key) ?? null]));
  return missingIn(node, text, former).length === 0 ? text : editConfig(node, text, former);
}

type BeforeSet = {
  /** Beside the file, with the vendor's `.bak`; a number behind it when an earlier run has left one. */
  readonly backup: string;
};

export const setFlagsOperation = (cluster: OmCluster) => {
  const setFlags = operation<OmFacts, SetFlagsParams, BeforeSet>("setFlags", {
    fenced: "host",
    async prepare({ node: name }) {
      const node = cluster.node(name);
      return { backup: await freePath(node.host, `${pathOf(node)}.bak`) };
    },
    async look(params, { before }) {
      const node = cluster.node(params.node);
      const text = await textOf(node);
      if ((await wantedText(cluster, node, text, params)) !== text) return { is: "open" };
      const kept = params.from === null && (await node.host.stat(before.backup)).kind === "file" ? before.backup : null;
      const original = kept === null ? text : ((await node.host.readText(kept)) ?? text);
      const diff = diffText(node, params.from === null ? diffOf(node, original, await resolved(cluster, params.changes)) : ["put back"]);
      return { is: "done", proof: { file: configFileOf(node), diff, backup: kept } };
    },
    async act(params, { before }, context) {
      const node = cluster.node(params.node);
      const { host } = node;
      const text = await textOf(node);
      const content = await wantedText(cluster, node, text, params);
      await context.send(host.name, async (fence) => {
        if (params.from === null && (await host.readText(before.backup)) !== text)
          await host.writeFile(fence, before.backup, text, { mode: "600", expected: null });
        await host.writeFile(fence, pathOf(node), content, { expected: sha256(text) });
      });
      return null;
    },
    undo: ({ node, changes, from }, { backup }): readonly Item[] =>
      from === null ? [setFlags.step("settings back", "restore", { node, changes, from: backup })] : [],
  });
  return setFlags;
};

/** After the start (OC-8): what can be asked of the running component must hold; of the rest stands there that it cannot be proved. */
export const readBackOperation = (cluster: OmCluster) =>
  operation<OmFacts, ReadBackParams>("readBack", {
    async look({ node: name, changes }) {
      const node = cluster.node(name);
      const values = await resolved(cluster, changes);
      const missing = missingIn(node, await textOf(node), values);
      if (missing.length > 0)
        return { is: "waiting", for: `${configFileOf(node)} of ${name} to have ${missing.join(", ")}; somebody has changed it` };
      const proof: Record<string, Json> = {};
      for (const { key, value, evidence, proved } of await runningValues(cluster, node, Object.keys(values))) {
        if (proved && value !== (values[key] ?? null)) return { is: "waiting", for: `${name} to run with its new ${key}: ${evidence}` };
        proof[key] = evidence;
      }
      return { is: "done", proof };
    },
  });
