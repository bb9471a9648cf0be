// The resource of cdap-operator (facts 5.4): what its conditions say of an update, and the patch that begins one.
import { z } from "zod";
import type { Look } from "../../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { StepParams } from "../step-names.ts";
import { lastLine } from "./commanded.ts";
import type { Desk } from "./desk.ts";
import type { Seen } from "./platform.ts";

type Replace = StepParams["replacePlatform"];
type Resource = NonNullable<Replace["resource"]>;
const commandMs = 30_000;

const imagesOf = ({ image, userInterfaceImage }: Resource): Readonly<Record<string, string>> => ({
  image,
  ...(userInterfaceImage === null ? {} : { userInterfaceImage }),
});
export const patchOf = (resource: Resource): readonly string[] => [
  "kubectl",
  "-n",
  resource.namespace,
  "patch",
  "cdapmaster",
  resource.name,
  "--type",
  "merge",
  "-p",
  JSON.stringify({ spec: imagesOf(resource) }),
];

const master = z.looseObject({
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish() }).nullish(),
});

/** The operator's own job after the update may still run when the new version answers, and one that has failed is not tried again by itself. */
export async function kubernetesLook(desk: Desk, { resource, version }: Replace, { is, words, proof }: Seen): Promise<Look> {
  if (resource === null) return { is: "unclear", known: ["no resource is named"], unknown: ["what to replace"] };
  const { other, under, failed } = await masterNow(desk, resource);
  if (other.length > 0)
    return failed.length === 0 ? { is: "open", why: other.join(", ") } : { is: "waiting", for: `the operator to forget ${failed.join(", ")}` };
  if (failed.length > 0) {
    if (is === "old") return { is: "open", why: [...failed, words].join(", ") };
    return {
      is: "unclear",
      known: [...failed, words],
      unknown: [
        is === "new"
          ? "what the operator's job after the update has left undone: look at the job's log, and mark the step done when that is in order"
          : `whether ${version} can be reached: the operator tries again only once the former image was set`,
      ],
    };
  }
  if (is === "new" && !under.includes(inProgress)) return { is: "done", proof };
  return { is: "waiting", for: `CDAP ${version}: ${[...under, words].join(", ")}` };
}

/** Error SW2106 when it has the images already and has failed with them: a patch that changes nothing would do nothing. */
export async function refuseFailed(desk: Desk, resource: Resource): Promise<void> {
  const { other, failed } = await masterNow(desk, resource);
  if (other.length > 0 || failed.length === 0) return;
  throw new StillwaterError("SW2106", `The operator of Kubernetes has failed to update ${resource.name}: ${failed.join(", ")}.`, {
    object: `cdapmaster ${resource.name} in ${resource.namespace}`,
    remedy:
      "Mend the cause (the log of its job), set spec.image back to status.imageToUse, and `stillwater resume` once the conditions are gone: it is patched again. Or `stillwater abort`.",
  });
}

interface MasterNow {
  /** What of its images is not as wanted. */
  readonly other: readonly string[];
  /** Conditions that hold. */
  readonly under: readonly string[];
  /** Conditions of a failure, once nothing goes on any more. */
  readonly failed: readonly string[];
}
const inProgress = "VersionUpdateInprogress";

async function masterNow(desk: Desk, resource: Resource): Promise<MasterNow> {
  const { host } = desk.cluster.router;
  const argv = ["kubectl", "-n", resource.namespace, "get", "cdapmaster", resource.name, "-o", "json"];
  const { code, stdout, stderr } = await host.query(argv, { timeoutMs: commandMs });
  if (code !== 0) throw new Unreachable(`kubectl get ended with ${String(code)}: ${lastLine(stderr)}`, { code: "SW3004", object: resource.name });
  const { spec, conditions } = read(stdout, resource);
  const other = Object.entries(imagesOf(resource)).filter(([key, image]) => spec[key] !== image);
  return {
    other: other.map(([key]) => `its ${key} is ${typeof spec[key] === "string" ? spec[key] : "not named"}`),
    under: conditions,
    failed: conditions.includes(inProgress) ? [] : conditions.filter((type) => type.endsWith("Failed")),
  };
}
/** Conditions: those that hold. */
function read(text: string, { name }: Resource): { readonly spec: Readonly<Record<string, unknown>>; readonly conditions: readonly string[] } {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below: it is no resource.
  }
  const parsed = master.safeParse(value);
  if (!parsed.success) throw new Unreachable(`kubectl answers no CDAPMaster: ${lastLine(text)}`, { code: "SW3004", object: name });
  const conditions = (parsed.data.status?.conditions ?? []).flatMap(({ type, status }) => (status === "True" ? [type] : []));
  return { spec: parsed.data.spec, conditions };
}
