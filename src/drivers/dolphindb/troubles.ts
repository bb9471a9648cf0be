// What went wrong in the cluster itself since a baseline, with what its own logs say of it.
import type { Trouble } from "../../model/driver.ts";
import type { DdCluster } from "./cluster.ts";
import type { DdFacts } from "./facts.ts";

export const troubles = (_cluster: DdCluster, before: DdFacts, after: DdFacts): Promise<readonly Trouble[]> => {
  const aborted = (after.now.recovery?.aborted ?? 0) - (before.now.recovery?.aborted ?? 0);
  return Promise.resolve(aborted > 0 ? [{ object: "recovery", what: `${String(aborted)} more recovery tasks are Aborted`, lines: [] }] : []);
};
