// What a backup will not have; and what stands in the directory that a restore is to come from, looked at before anything is put back (facts 6).
import type { Check } from "../../../model/facts.ts";
import { StillwaterError } from "../../../model/errors.ts";
import {
  appFile,
  missingIn,
  namespaceFile,
  readJson,
  readManifest,
  wrongWith,
  type BackupFiles,
  type Manifest,
  type SecureKey,
} from "../backup/files.ts";
import type { CdapFacts } from "../facts.ts";
import { isAtLeast } from "../matrix/version.ts";
import { appsNamed } from "../planning/maintenance.ts";
import { programText } from "../wire/programs.ts";
import { blocker, count, notMeasured, passed, some, warning } from "./check-kit.ts";

/** `sealed`: the operator has given a key to encrypt values with. */
export async function backupChecks(
  namespaces: readonly string[],
  keysOf: (ns: string) => Promise<readonly string[]>,
  sealed: boolean,
): Promise<readonly Check[]> {
  const keys = (await Promise.all(namespaces.map(async (ns) => (await keysOf(ns)).map((name) => `${ns}.${name}`)))).flat();
  if (keys.length === 0) return [];
  if (sealed) return [passed("secure-keys", "secure keys", `${count(keys.length, "value")} encrypted with backupKey of the cluster file`)];
  return [
    warning("secure-keys", "secure keys", `by name only, their values stay out: ${some(keys, 20)}`, {
      remedy: "Name `backupKey` in the cluster file (a reference) to have them encrypted; or keep them yourself.",
      source: "facts 6",
    }),
  ];
}

export interface RestoreFrom {
  readonly directory: string;
  /** As the goal names it. */
  readonly app: string | null;
  /** Name of the cluster that it is restored to. */
  readonly cluster: string;
  /** Names of the secure keys that are there. */
  readonly keysOf: (ns: string) => Promise<readonly string[]>;
}

export async function restoreChecks(files: BackupFiles, facts: CdapFacts, from: RestoreFrom): Promise<readonly Check[]> {
  const { directory, app } = from;
  try {
    const manifest = await readManifest(files, directory);
    if (manifest === null)
      return [blocker("backup", directory, "it has no manifest, so it is no complete backup", { remedy: "Name another one.", source: "facts 6" })];
    const wrong = await wrongWith(files, directory, manifest);
    if (wrong.length > 0)
      return [blocker("backup", directory, `it is not what was written: ${some(wrong, 3)}`, { remedy: "Name another one.", source: "facts 6" })];
    const wanted = app === null ? null : appsNamed(app);
    const missing = missingIn(manifest.applications, wanted ?? []);
    if (missing.length > 0)
      return [blocker("backup", directory, some(missing), { remedy: "Name what it has: NAME is of the namespace default, else NAMESPACE.NAME." })];
    const all = Object.values(manifest.applications).flat().length;
    return [
      passed("backup", directory, `${count(all, "application")} of CDAP ${manifest.release}, made ${manifest.createdAt}; every file has its sha256`, {
        source: "facts 6",
      }),
      ...ofThisCluster(manifest, facts, from),
      ...running(manifest, facts),
      ...(await artefacts(files, facts, manifest, from, wanted)),
      ...(await secureKeys(files, manifest, from, wanted)),
    ];
  } catch (error) {
    if (!(error instanceof StillwaterError)) throw error;
    return [notMeasured("backup", directory, `it could not be read on this machine: ${error.message}`)];
  }
}

function ofThisCluster(
  { cluster: of, release }: Manifest,
  { structure: { version } }: CdapFacts,
  { directory, cluster }: RestoreFrom,
): readonly Check[] {
  const other =
    of === cluster
      ? []
      : [
          blocker("other-cluster", directory, `it is of the cluster ${of}, and this is ${cluster}`, {
            remedy: "Name a backup of this cluster.",
            price: `definitions of ${cluster} are overwritten with those of ${of}`,
          }),
        ];
  const newer =
    version === null || isAtLeast(version, release)
      ? []
      : [
          warning("backup", directory, `it is of CDAP ${release}, and ${version} runs`, {
            remedy: "Definitions of a newer release may not be understood by an older one.",
          }),
        ];
  return [...other, ...newer];
}

/** One that is named is refused while it runs; of a whole instance something always does. */
function running({ applications }: Manifest, { now: { activeRuns } }: CdapFacts): readonly Check[] {
  const own = activeRuns.filter(({ ns, app, childOf }) => childOf === null && applications[ns]?.includes(app) === true);
  if (own.length === 0) return [];
  return [
    warning("running", "programs", `${count(own.length, "run")} of applications that it has: ${some(own.map(programText))}`, {
      remedy:
        "An application that differs is deployed again beneath them: they go on with what they began with, and a real-time pipeline that starts after it has no checkpoint. Stop those first.",
      source: "facts 0.8, 4.2",
    }),
  ];
}

/** Jars cannot be had from CDAP (facts 0.9): where an artefact is missing, an application that is gone cannot be deployed again. */
async function artefacts(
  files: BackupFiles,
  { structure: { namespaces } }: CdapFacts,
  { applications }: Manifest,
  { directory }: RestoreFrom,
  wanted: ReturnType<typeof appsNamed> | null,
): Promise<readonly Check[]> {
  const system = new Set(
    Object.values(namespaces).flatMap(({ artifacts }) =>
      artifacts.flatMap(({ name, version, scope }) => (scope === "SYSTEM" ? [`${name} ${version}`] : [])),
    ),
  );
  const needed = new Map<string, number>();
  for (const [ns, apps] of Object.entries(applications)) {
    const own = new Set((namespaces[ns]?.artifacts ?? []).map(({ name, version }) => `${name} ${version}`));
    for (const app of apps) {
      if (wanted !== null && !wanted.some((each) => each.ns === ns && each.app === app)) continue;
      const artefact = artefactIn(await readJson(files, directory, appFile(ns, app, "detail")));
      if (artefact !== null && !system.has(artefact) && !own.has(artefact)) needed.set(artefact, (needed.get(artefact) ?? 0) + 1);
    }
  }
  if (needed.size === 0) return [passed("artefact", "artefacts", "those that the applications name are there", { source: "facts 0.9, 6" })];
  const named = [...needed].map(([artefact, apps]) => `${artefact} (${count(apps, "application")})`);
  return [
    warning("artefact", "artefacts", `not there: ${some(named)}`, {
      remedy:
        "Load them first (POST /v3/namespaces/NAMESPACE/artifacts/NAME with the jar): what is gone cannot be deployed without, what is there keeps its artefact.",
      source: "facts 0.9, 6",
    }),
  ];
}
/** A pipeline that names a secure key fails when it runs, not when it is restored. */
async function secureKeys(
  files: BackupFiles,
  { applications }: Manifest,
  { directory, keysOf }: RestoreFrom,
  wanted: ReturnType<typeof appsNamed> | null,
): Promise<readonly Check[]> {
  const missing: string[] = [];
  for (const ns of Object.keys(applications)) {
    if (wanted !== null && !wanted.some((each) => each.ns === ns)) continue;
    const saved = (await readJson(files, directory, namespaceFile(ns, "securekeys"))) as readonly SecureKey[] | null;
    // Of one application no keys are put back.
    const byHand = (saved ?? []).filter(({ sealed }) => sealed === undefined || wanted !== null);
    if (byHand.length === 0) continue;
    const there = new Set(await keysOf(ns));
    missing.push(...byHand.flatMap(({ name }) => (there.has(name) ? [] : [`${ns}.${name}`])));
  }
  if (missing.length === 0) return [];
  return [
    warning("secure-keys", "secure keys", `not there, and not put back: ${some(missing, 20)}`, {
      remedy: "Put them there yourself (PUT /v3/namespaces/NAMESPACE/securekeys/KEY): a pipeline that names one fails when it runs.",
      source: "facts 3.6, 6",
    }),
  ];
}
function artefactIn(detail: unknown): string | null {
  const artefact: unknown = typeof detail === "object" && detail !== null && "artifact" in detail ? detail.artifact : null;
  if (typeof artefact !== "object" || artefact === null || !("name" in artefact) || !("version" in artefact)) return null;
  return `${String(artefact.name)} ${String(artefact.version)}`;
}
