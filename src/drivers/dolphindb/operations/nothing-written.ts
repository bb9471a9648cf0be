// The proof behind a way back of the whole cluster: asked of the controllers when no data node can write any more, and before they are stopped (facts 1.2).
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { writtenSoFar } from "../observe-cluster.ts";
import type { StepParams } from "../step-names.ts";

export const nothingWrittenOperation = (cluster: DdCluster) =>
  operation<DdFacts, StepParams["nothingWritten"]>("nothingWritten", {
    async look({ since, of }): Promise<Look> {
      const leader = await cluster.rpc.leader();
      const now = await writtenSoFar(cluster, leader, of ?? "without probes");
      if (now === since) return { is: "done", proof: { written: now, saidBy: leader } };
      return {
        is: "unclear",
        known: [`chunks and the sum of their versions were ${since} when the upgrade began, and are ${now} now (${leader})`],
        unknown: ["who wrote: the copies of metadata do not know it, so putting them back loses it. Abort: the cluster starts again as it is"],
      };
    },
  });
