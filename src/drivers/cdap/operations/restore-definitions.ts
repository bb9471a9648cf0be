// One kind of definition put back from a backup: compared by meaning, and only what differs is written (facts 6).
import type { Acting, Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { canonicalJson, type Json } from "../../../model/json.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import { missingIn, readManifest, wrongWith, type Manifest } from "../backup/files.ts";
import { restorablesOf, type Restorable } from "../backup/restorables.ts";
import type { CdapFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import { inParallel } from "../wire/parallel.ts";
import type { Desk } from "./desk.ts";

export type RestoreProof = { readonly kind: string; readonly objects: number; readonly equal: number; readonly directory: string };
export const isRestoreProof = (proof: Json): proof is RestoreProof =>
  proof !== null && typeof proof === "object" && "kind" in proof && "equal" in proof;

const lanes = 16;
const settleMs = 30_000;

export function restoreDefinitions(desk: Desk): NamedOperation<CdapFacts, StepParams["restoreDefinitions"]> {
  const opened = new Map<string, Manifest>();
  const manifestOf = async (directory: string): Promise<Manifest> => {
    const known = opened.get(directory);
    if (known !== undefined) return known;
    const files = await desk.files();
    const manifest = await readManifest(files, directory);
    if (manifest === null) throw new StillwaterError("SW3005", `${directory} has no complete backup.`, { object: directory });
    const wrong = await wrongWith(files, directory, manifest);
    if (wrong.length > 0)
      throw new StillwaterError("SW3013", `The backup is not whole: ${wrong.slice(0, 3).join("; ")}.`, { object: directory, why: wrong });
    opened.set(directory, manifest);
    return manifest;
  };
  /** Those that are not as the backup has them. */
  const different = async ({
    directory,
    kind,
    apps,
  }: StepParams["restoreDefinitions"]): Promise<{ readonly all: number; readonly open: readonly Restorable[] }> => {
    const all = await restorablesOf(
      desk.cluster.api,
      await desk.files(),
      directory,
      await manifestOf(directory),
      kind,
      apps,
      await desk.cluster.backupKey(),
    );
    const judged = await inParallel(all, lanes, async (each) => ({ each, same: canonicalJson(await each.read()) === canonicalJson(each.wanted) }));
    return { all: all.length, open: judged.flatMap(({ each, same }) => (same ? [] : [each])) };
  };
  const notInBackup = async ({ directory, apps }: StepParams["restoreDefinitions"]): Promise<readonly string[]> => {
    const { applications } = await manifestOf(directory);
    return missingIn(applications, apps ?? []);
  };
  return operation<CdapFacts, StepParams["restoreDefinitions"]>("restoreDefinitions", {
    settleMs,
    answersSettle: true,
    fenced: desk.cluster.api.via === null ? "unfenced" : "host",
    look: async (params): Promise<Look> => {
      try {
        const missing = await notInBackup(params);
        if (missing.length > 0)
          return {
            is: "unclear",
            known: missing.map((what) => `${params.directory}: ${what}`),
            unknown: ["which application was meant: abort, and name one that the backup has"],
          };
        const { all, open } = await different(params);
        const [first] = open;
        if (first === undefined)
          return { is: "done", proof: { kind: params.kind, objects: all, equal: all, directory: params.directory } satisfies RestoreProof };
        return { is: "open", why: `${first.object}${open.length > 1 ? ` and ${String(open.length - 1)} more` : ""}` };
      } catch (error) {
        // To look again would read the same files.
        if (error instanceof StillwaterError && (error.code === "SW3013" || error.code === "SW3005"))
          return {
            is: "unclear",
            known: [error.message, ...error.why.slice(0, 5)],
            unknown: ["which file is right: put the backup in order, or abort"],
          };
        throw error;
      }
    },
    act: async (params, _, context) => {
      const { open } = await different(params);
      const refused: string[] = [];
      await inParallel(open, lanes, async (each) => {
        const why = await putBack(each, context, desk.cluster.api.via);
        if (why !== null) refused.push(`${each.object}: ${why}`);
      });
      if (refused.length > 0)
        throw new StillwaterError("SW2106", `Not everything was put back: ${refused.slice(0, 3).join("; ")}`, {
          object: params.kind,
          why: refused,
          remedy: "Mend the cause (an artefact that is missing is deployed from its jar) and `stillwater resume`.",
        });
      return null;
    },
  });
}

/** Null: it is as the backup has it. Otherwise why not: to write once more would end the same way, and each deployment makes another version (facts 0.6). */
async function putBack({ read, write, wanted, calls = 1 }: Restorable, context: Acting, via: string | null): Promise<string | null> {
  for (let left = calls; left > 0; left--) {
    const { status, words } = await context.send(via, (fence) => write(fence));
    if (status !== 200 && status !== 201) return `${String(status)} ${words}`;
    if (canonicalJson(await read()) === canonicalJson(wanted)) return null;
  }
  return "was accepted, and is still not as the backup has it";
}
