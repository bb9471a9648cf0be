// A CDAPMaster of cdap-operator, as `kubectl` shows and patches it: what the operator then does by itself, with its conditions and jobs (facts 5.4).
import { said } from "../../kit/memory-host.ts";
import type { MemoryCdap } from "./cluster.ts";
import type { Command } from "./machine.ts";

export interface KubernetesOptions {
  readonly namespace: string;
  readonly resource: string;
  /** IMAGE of CDAP and of its user interface, without tags. */
  readonly image: string;
  readonly userInterfaceImage: string;
  /** Of each job, in milliseconds. */
  readonly jobMs?: number;
  /** This job fails more often than the operator tries it again. */
  readonly fails?: "pre" | "post";
}
interface Spec {
  image: string;
  userInterfaceImage: string;
}
/** From a change to its being noticed, in milliseconds. */
const NOTICED_MS = 3_000;

export class Kubernetes {
  readonly spec: Spec;
  readonly conditions = new Map<string, boolean>();
  /** Every patch that arrived. */
  readonly patches: string[] = [];
  /** When its last update had come to its end, in virtual time; null: none has. */
  finishedAt: number | null = null;
  readonly #cdap: MemoryCdap;
  readonly #options: KubernetesOptions;
  #mended = false;
  #imageToUse: string;
  #userInterfaceImageToUse: string;

  constructor(cdap: MemoryCdap, options: KubernetesOptions) {
    this.#cdap = cdap;
    this.#options = options;
    const { release } = cdap.settings;
    this.spec = { image: `${options.image}:${release}`, userInterfaceImage: `${options.userInterfaceImage}:${release}` };
    this.#imageToUse = this.spec.image;
    this.#userInterfaceImageToUse = this.spec.userInterfaceImage;
  }

  /** Somebody has mended the cause of its failure. */
  mend(): void {
    this.#mended = true;
  }

  /** `kubectl -n NAMESPACE get|patch cdapmaster NAME ...`; null: another command. */
  readonly command: Command = (argv) => {
    const [program, , namespace, verb, kind, name] = argv;
    if (program !== "kubectl") return null;
    if (namespace !== this.#options.namespace || kind !== "cdapmaster" || name !== this.#options.resource)
      return Promise.resolve({ code: 1, stdout: "", stderr: `Error from server (NotFound): cdapmasters.cdap.cdap.io "${String(name)}" not found\n` });
    if (verb === "get") return Promise.resolve(said(JSON.stringify({ kind: "CDAPMaster", spec: this.spec, status: this.#status })));
    const patch = argv.at(-1) ?? "";
    this.patches.push(patch);
    Object.assign(this.spec, (JSON.parse(patch) as { readonly spec: Partial<Spec> }).spec);
    this.#cdap.world.after(NOTICED_MS, () => void this.#reconcile());
    return Promise.resolve(said(`cdapmaster.cdap.cdap.io/${name} patched\n`));
  };

  get #status(): object {
    return {
      imageToUse: this.#imageToUse,
      userInterfaceImageToUse: this.#userInterfaceImageToUse,
      conditions: [...this.conditions].map(([type, is]) => ({ type, status: is ? "True" : "False", reason: "Start" })),
    };
  }
  async #reconcile(): Promise<void> {
    const { world } = this.#cdap;
    const { jobMs = 20_000 } = this.#options;
    const fails = this.#mended ? null : this.#options.fails;
    // One update at a time, and none that has failed once more.
    if (this.conditions.get("VersionUpdateInprogress") === true) return;
    this.#userInterfaceImageToUse = this.spec.userInterfaceImage;
    if (this.spec.image === this.#imageToUse) return this.conditions.clear();
    if (this.conditions.get("VersionUpgradeFailed") === true) return;
    this.conditions.clear();
    this.conditions.set("VersionUpdateInprogress", true);
    await world.sleep(jobMs);
    if (fails === "pre") return this.#failed("VersionPreUpgradeJobFailed");
    this.conditions.set("VersionPreUpgradeJobSucceeded", true);
    this.#imageToUse = this.spec.image;
    this.conditions.set("VersionUpdated", true);
    await this.#cdap.replace(this.spec.image.split(":")[1] ?? "");
    await world.sleep(jobMs);
    if (fails === "post") return this.#failed("VersionPostUpgradeJobFailed");
    this.conditions.set("VersionPostUpgradeJobSucceeded", true);
    this.conditions.set("VersionUpgradeSucceeded", true);
    this.conditions.set("VersionUpdateInprogress", false);
    this.finishedAt = world.now();
  }
  #failed(job: string): void {
    this.conditions.set(job, true);
    this.conditions.set("VersionUpgradeFailed", true);
    this.conditions.set("VersionUpdateInprogress", false);
  }
}
