// Where the checkpoint of a real-time pipeline lies, and where its copy goes (facts 4.2). Pure.
import type { CdapFacts, CdapPipeline } from "../facts.ts";
import type { ClusterOptions } from "../options.ts";
import type { AppName } from "../step-names.ts";

export type Checkpoint =
  /** It keeps none, or is not known to. */
  | { readonly is: "none" }
  /** Nobody says where they lie. */
  | { readonly is: "somewhere"; readonly pipeline: CdapPipeline }
  | { readonly is: "known"; readonly pipeline: CdapPipeline; readonly from: string; readonly to: string };

export function checkpointOf(facts: CdapFacts, { ns, app }: AppName, { directory }: NonNullable<ClusterOptions["checkpoints"]>): Checkpoint {
  const pipeline = facts.now.pipelines.find((each) => each.ns === ns && each.app === app);
  if (pipeline?.mode !== "SPARK_CHECKPOINTING") return { is: "none" };
  const above = (pipeline.checkpointDir ?? directory)?.replace(/\/+$/, "");
  if (above === undefined) return { is: "somewhere", pipeline };
  // Beside it: below it, the new deployment would delete the copy, too.
  return { is: "known", pipeline, from: `${above}/${app}`, to: `${above}/${app}.before-${String(facts.now.observedAt)}` };
}
