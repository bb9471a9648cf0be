// A node's metadata as an earlier copy has it, while the node is down. What is there is copied first, then replaced as a whole: never merged, because a newer
// log beside an older checkpoint is a metadata of no instant (facts 1.2).
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { readProcess } from "../processes.ts";
import type { StepParams } from "../step-names.ts";
import { type BackupFile, type BackupGroup, makeCopy, newestCopy, readInventory } from "./backup.ts";
import { namesIn, order } from "./host-scripts.ts";
import { freePath, stampOf } from "./installation.ts";

type RestoreParams = StepParams["restoreBackup"];
type BeforeRestore = {
  /** The copy that is put back; null: there is none. */
  readonly copy: string | null;
  readonly files: readonly BackupFile[];
  /** What was not there when the copy was made, or shall come from the leader: it steps aside. */
  readonly leaves: readonly string[];
  /** The copy of what is there now. */
  readonly aside: string;
  readonly present: BackupGroup;
};
const raftFiles = new Set(["raft", "metadata"]);
const parent = (path: string): string => path.slice(0, path.lastIndexOf("/"));
const leaf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const restoreBackupOperation = (cluster: DdCluster) => {
  const restore = operation<DdFacts, RestoreParams, BeforeRestore>("restoreBackup", {
    fenced: "host",
    async prepare({ node: name, name: backup, way }, { now }) {
      const { host, backups, alias } = cluster.node(name);
      const found = await newestCopy(host, backups, backup, alias);
      const aside = await freePath(host, `${backups}/before-rollback-${alias}-${stampOf(now)}`);
      const empty: BackupGroup = { name: alias, sources: [], absent: [] };
      if (found === null) return { copy: null, files: [], leaves: [], aside, present: empty };
      const { files, absent } = found.group;
      const sources: { kind: string; path: string }[] = [];
      const missing: string[] = [];
      for (const { kind, path } of [...files, ...absent.map((each) => ({ kind: "came later", path: each }))])
        if ((await host.stat(path)).kind === "absent") missing.push(path);
        else sources.push({ kind, path });
      const concerned = way === "restore" ? sources : sources.filter(({ kind }) => raftFiles.has(kind));
      return {
        copy: found.directory,
        files: way === "restore" ? files : [],
        leaves: way === "restore" ? absent : files.filter(({ kind }) => raftFiles.has(kind)).map(({ path }) => path),
        aside,
        present: { name: alias, sources: concerned, absent: missing },
      };
    },
    async look({ node: name, name: backup }, { before }): Promise<Look> {
      const node = cluster.node(name);
      const { host } = node;
      if (before.copy === null)
        return {
          is: "unclear",
          known: [`${node.backups} on ${host.name} holds no complete copy ${backup} with ${node.alias}`],
          unknown: ["where one is"],
        };
      const running = await readProcess(node);
      if (running !== null) return { is: "waiting", for: `${name} (pid ${String(running.pid)}) to end` };
      if ((await readInventory(host, before.aside)) === null) return { is: "open", why: "what is there now is not copied yet" };
      for (const path of before.leaves) if ((await host.stat(path)).kind !== "absent") return { is: "open", why: `${path} is still there` };
      for (const { path, sha256 } of before.files)
        if ((await host.sha256(path)) !== sha256) return { is: "open", why: `${path} is not what the copy holds` };
      return {
        is: "done",
        proof: {
          from: before.copy,
          keptIn: before.aside,
          aside: before.leaves,
          checksums: Object.fromEntries(before.files.map(({ path, sha256 }) => [path, sha256])),
        },
      };
    },
    async act({ node: name }, { before }, context) {
      const node = cluster.node(name);
      const { host } = node;
      if (before.copy === null) throw new StillwaterError("SW2110", `there is no copy to put back for ${name}`, { object: name });
      if ((await readInventory(host, before.aside)) === null) await makeCopy(node, { directory: before.aside, groups: [before.present] }, context);
      const different = [];
      for (const { path, sha256 } of before.files) if ((await host.sha256(path)) !== sha256) different.push(path);
      if (different.length > 0) await context.send(host.name, (fence) => host.restore(fence, `${before.copy ?? ""}/${node.alias}`));
      for (const path of before.leaves)
        await context.send(host.name, async (fence) => {
          const beside = `${parent(path)}/${leaf(before.aside)}`;
          await host.makeDirectory(fence, beside, "700");
          if ((await namesIn(host, parent(path))).includes(leaf(path))) await order(host, fence, "aside", [parent(path), beside, leaf(path)]);
        });
      return null;
    },
    undo: ({ node, way }, { copy, aside }): readonly Item[] =>
      copy === null
        ? []
        : [
            restore.step(
              `metadata of ${node} as it was`,
              "restore",
              { node, name: leaf(aside), way: "restore" },
              {
                title: `metadata of ${node} as it was before ${way === "restore" ? "the copy was put back" : "its Raft files stepped aside"}`,
              },
            ),
          ],
  });
  return restore;
};
