// Prechecks that ask the hosts, and the files of this machine, about this goal; read-only, asked for once when planning.
import { z } from "zod";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { keysIn } from "../backup/collect.ts";
import type { CdapFacts } from "../facts.ts";
import type { CdapCluster } from "../open-cluster.ts";
import { planOptions } from "../planning/options.ts";
import { blocker, notMeasured, passed } from "./check-kit.ts";
import { checkpointChecks } from "./checkpoints.ts";
import { imageChecks } from "./image.ts";
import { backupChecks, restoreChecks } from "./restore.ts";

const resourceShape = z.looseObject({
  spec: z.looseObject({ image: z.string() }),
  status: z
    .looseObject({
      imageToUse: z.string().nullish(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
    })
    .nullish(),
});

export async function examine(cluster: CdapCluster, facts: CdapFacts, goal: Goal): Promise<readonly Check[]> {
  const { maintenance } = goal;
  const keysOf = async (ns: string): Promise<readonly string[]> =>
    keysIn(await cluster.api.findJson(`/v3/namespaces/${encodeURIComponent(ns)}/securekeys`)).map(({ name }) => name);
  if (maintenance?.is === "backup") return backupChecks(Object.keys(facts.structure.namespaces), keysOf, (await cluster.backupKey()) !== null);
  if (maintenance?.is === "restore-backup") {
    const files = cluster.files ?? new (await import("../local/backup-files.ts")).LocalBackupFiles();
    const { directory, app } = maintenance;
    return restoreChecks(files, facts, { directory, app, cluster: cluster.cluster, keysOf });
  }
  const options = planOptions(goal);
  if (maintenance || goal.version === null || "refused" in options) return [];
  const copies = checkpointChecks(cluster.checkpoints, facts, goal, options);
  return options.of === "platform" ? [...(await replacement(cluster, goal.version)), ...copies] : copies;
}

async function replacement(cluster: CdapCluster, version: string): Promise<readonly Check[]> {
  const { upgrade } = cluster;
  switch (upgrade.by) {
    case "operator":
      return [
        passed("replace", "CDAP", "a person replaces it, when Stillwater asks; version and readiness are checked afterwards", { source: "facts 5" }),
      ];
    case "command":
      return [await commandCheck(cluster, upgrade.command)];
    case "kubernetes":
      return resourceChecks(cluster, upgrade, version);
  }
}

async function commandCheck({ router }: CdapCluster, [program = ""]: readonly string[]): Promise<Check> {
  const object = `${program} on ${router.hostName}`;
  if (!program.startsWith("/"))
    return notMeasured("replace", object, "a command without a path is looked for when it is run", { remedy: "Give its path." });
  const state = await router.host.stat(program);
  if (state.kind === "absent" || state.kind === "directory")
    return blocker("replace", object, "the command that replaces CDAP is not there", { remedy: "Mend `upgrade.command` in the cluster file." });
  return passed("replace", object, "the command that replaces CDAP is there");
}

async function resourceChecks(
  { router }: CdapCluster,
  { namespace, resource, image }: { readonly namespace: string; readonly resource: string; readonly image?: string | undefined },
  version: string,
): Promise<readonly Check[]> {
  const object = `cdapmaster ${resource} in ${namespace}`;
  const asked = ["kubectl", "-n", namespace, "get", "cdapmaster", resource, "-o", "json"];
  try {
    const { code, stdout, stderr } = await router.host.query(asked);
    if (code !== 0)
      return [
        blocker("replace", object, `kubectl on ${router.hostName} ends with ${String(code)}: ${stderr.trim().slice(0, 300)}`, {
          remedy: "Check kubectl there, its context, and the names under `upgrade` in the cluster file.",
        }),
      ];
    const found = resourceShape.safeParse(JSON.parse(stdout));
    if (!found.success)
      return [blocker("replace", object, "kubectl answers no CDAPMaster", { remedy: "Check the names under `upgrade` in the cluster file." })];
    const under = (found.data.status?.conditions ?? []).flatMap(({ type, status }) => (status === "True" ? [type] : []));
    if (under.includes("VersionUpdateInprogress"))
      return [blocker("replace", object, `an update goes on already: ${under.join(", ")}`, { remedy: "Wait for its end.", source: "facts 5.4" })];
    if (under.includes("VersionUpgradeFailed"))
      return [
        blocker("replace", object, `its last update has failed (${under.join(", ")}), and the operator tries none again by itself`, {
          remedy: "Set spec.image back to status.imageToUse, wait until the conditions are gone, and plan again.",
          source: "facts 5.4",
        }),
      ];
    const from = found.data.status?.imageToUse ?? found.data.spec.image;
    const to = `${image ?? withoutTag(found.data.spec.image)}:${version}`;
    return imageChecks(object, from, to);
  } catch (error) {
    if (!(error instanceof StillwaterError || error instanceof SyntaxError)) throw error;
    return [notMeasured("replace", object, `it could not be read: ${error.message}`, { remedy: `Run ${asked.join(" ")} on ${router.hostName}.` })];
  }
}
/** A registry's port has a slash after it. */
const withoutTag = (image: string): string => image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
