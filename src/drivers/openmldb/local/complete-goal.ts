// What of a goal only files on this machine tell: the Spark distribution, and flags or properties files that the operator has edited.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import type { Goal } from "../../../model/goal.ts";
import type { OmCluster, OmNode } from "../cluster.ts";
import { roles } from "../options.ts";
import { configFileOf } from "../settings/config-file.ts";
import { settingsOfEdit } from "../settings/edited-file.ts";
import { readSparkArtefact, type ArtefactOptions } from "./artefact.ts";

const editedPrefix = "edited.";

/**
 * `-o spark=FILE` gets checksum, size and version of the file; `-o edited.tablet=FILE` (a role, or a node) becomes the settings in which the file differs
 * from the one that the node runs with (of a role: its first node). What `--set` says comes before that. Errors SW1203, SW1205, SW1001, SW6002.
 */
export async function completeGoal(cluster: OmCluster, goal: Goal, artefacts: ArtefactOptions = {}): Promise<Goal> {
  const edits = Object.entries(goal.options).filter(([key]) => key.startsWith(editedPrefix));
  const settings = await Promise.all(edits.map(([key, path]) => editOf(cluster, key.slice(editedPrefix.length), resolve(path))));
  const others = Object.entries(goal.options).filter(([key]) => !key.startsWith(editedPrefix));
  return {
    ...goal,
    settings: Object.assign({}, ...settings, goal.settings) as Goal["settings"],
    options: { ...Object.fromEntries(others), ...(await sparkOf(goal, artefacts)) },
  };
}

async function sparkOf({ options }: Goal, artefacts: ArtefactOptions): Promise<Readonly<Record<string, string>>> {
  const path = options["spark"];
  if (path === undefined) return {};
  const { sha256, bytes, version, path: file } = await readSparkArtefact(resolve(path), artefacts);
  const said = options["spark-sha256"];
  if (said !== undefined && said !== sha256) throw new StillwaterError("SW1204", `${file} has the sha256 ${sha256}, not ${said}`, { object: file });
  return { spark: file, "spark-sha256": sha256, "spark-bytes": String(bytes), "spark-version": version };
}

async function editOf(cluster: OmCluster, owner: string, path: string): Promise<Readonly<Record<string, string | null>>> {
  const node: OmNode | undefined = cluster.nodes.find(({ role }) => role === owner) ?? cluster.nodes.find(({ name }) => name === owner);
  if (node === undefined)
    throw new StillwaterError("SW1001", `${editedPrefix}${owner} names neither a role nor a node of the cluster`, {
      object: owner,
      remedy: `The roles are ${roles.join(", ")}; the nodes are ${cluster.nodes.map(({ name }) => name).join(", ")}.`,
    });
  const edited = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new StillwaterError("SW1203", `${path} cannot be read`, {
      object: path,
      why: [cause instanceof Error ? cause.message : String(cause)],
      cause,
    });
  });
  const present = await node.host.readText(`${node.directory}/${configFileOf(node)}`);
  if (present === null)
    throw new StillwaterError("SW3005", `${node.name} has no ${configFileOf(node)} on ${node.host.name} to compare the edit with`, {
      object: node.name,
    });
  return settingsOfEdit(owner, node, present, edited);
}
