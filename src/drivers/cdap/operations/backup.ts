// All definitions into a new directory: complete only when it was opened, counted and hashed again.
import type { Look } from "../../../model/driver.ts";
import type { Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import { Collector } from "../backup/collect.ts";
import { manifestName, readManifest, wrongWith } from "../backup/files.ts";
import type { CdapFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import type { Desk } from "./desk.ts";

export type BackupProof = {
  readonly directory: string;
  readonly files: number;
  readonly applications: number;
  /** sha256 of the manifest, which has those of all files. */
  readonly manifest: string;
  readonly export: string;
  readonly notes: readonly string[];
};
export const isBackupProof = (proof: Json): proof is BackupProof =>
  proof !== null && typeof proof === "object" && "manifest" in proof && "applications" in proof;

export function backup(desk: Desk): NamedOperation<CdapFacts, StepParams["backup"]> {
  /** Directory to its proof: a complete backup is read once in a process. */
  const proved = new Map<string, BackupProof>();
  return operation<CdapFacts, StepParams["backup"]>("backup", {
    look: async ({ directory }): Promise<Look> => {
      const known = proved.get(directory);
      if (known !== undefined) return { is: "done", proof: known };
      const files = await desk.files();
      const manifest = await readManifest(files, directory);
      if (manifest === null) return { is: "open", why: "there is no complete backup" };
      const wrong = await wrongWith(files, directory, manifest);
      if (wrong.length > 0)
        return { is: "unclear", known: wrong.slice(0, 5), unknown: [`what happened to ${directory}: abort, and back up into another directory`] };
      const content = await files.read(directory, manifestName);
      const applications = Object.values(manifest.applications).flat().length;
      const exported = manifest.export === null ? "none" : `${String(manifest.export.entries)} entries, digest ${manifest.export.digest}`;
      const proof: BackupProof = {
        directory,
        files: Object.keys(manifest.files).length,
        applications,
        manifest: content === null ? "" : files.sha256(content),
        export: exported,
        notes: manifest.notes,
      };
      proved.set(directory, proof);
      return { is: "done", proof };
    },
    act: async ({ directory, namespaces }, _, context) => {
      const files = await desk.files();
      if ((await readManifest(files, directory)) !== null) return null;
      const collector = new Collector(desk.cluster, files, directory);
      const manifest = await collector.collect(await desk.directory.namespaces(namespaces));
      // Nobody who lost the cluster meanwhile makes his half a backup.
      await context.send(null, () => collector.finish(manifest));
      return null;
    },
  });
}
