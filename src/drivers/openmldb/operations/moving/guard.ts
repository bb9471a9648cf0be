// The lease around a move, and what puts it back.
import type { Look } from "../../../../model/driver.ts";
import { Refused, StillwaterError } from "../../../../model/errors.ts";
import { operation } from "../../../../planner/kit.ts";
import type { OmCluster } from "../../cluster.ts";
import type { OmFacts } from "../../facts.ts";
import { effectTimeoutMs } from "../../rpc.ts";
import { steps, type Partition, type PartitionsParams } from "../../steps.ts";
import { termToLead } from "./move-leaders.ts";
import { keyOf, observe, ownOf } from "./observation.ts";
import { StuckOperations } from "./stuck.ts";
import { settling, type Settling, type Terms } from "./settle.ts";

/** Changes nothing: it stands in the journal, so that whoever finds the run dead knows which partitions may be fenced. */
export const guardLeadersOperation = () =>
  operation<OmFacts, PartitionsParams, null, { readonly stands: true }>("guardLeaders", {
    fenced: "compare-and-set",
    look: async (_, { receipt }) => (receipt === null ? { is: "open" } : { is: "done" }),
    act: async () => ({ stands: true }),
    undo: ({ partitions }) => [steps.settleLeaders("settle", { partitions })],
  });

export const settleLeadersOperation = (cluster: OmCluster) => {
  const { rpc } = cluster;
  const stuck = new StuckOperations();
  async function judgeAll(partitions: readonly Partition[]): Promise<readonly (readonly [Partition, Settling])[]> {
    const seen = await observe(rpc, cluster.now());
    stuck.look(seen);
    return Promise.all(
      partitions.map(async (partition) => {
        const replicas = seen.partitions.get(keyOf(partition))?.replicas ?? [];
        const terms: Terms = new Map(
          (
            await Promise.all(
              replicas.map(async (replica): Promise<readonly (readonly [string, number])[]> => {
                if (ownOf(replica) === null) return [];
                const pair = await rpc.tablet(replica.endpoint).termPair(partition.tid, partition.pid);
                return pair === null ? [] : [[replica.endpoint, pair.term]];
              }),
            )
          ).flat(),
        );
        return [partition, settling(seen, partition, terms, (each) => stuck.has(each) || stuck.isQueuedInVain(each))] as const;
      }),
    );
  }
  return operation<OmFacts, PartitionsParams>("settleLeaders", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look({ partitions }): Promise<Look> {
      const all = (await judgeAll(partitions)).map(([, each]) => each);
      const doing = all.filter(({ is }) => is === "demote" || is === "giveBack" || is === "cancelOp");
      if (doing.length > 0) return { is: "open", why: `${String(doing.length)} partitions without the one leader that they should have` };
      const waiting = all.find((each) => each.is === "waiting");
      if (waiting !== undefined) return { is: "waiting", for: waiting.for };
      const unclear = all.filter((each) => each.is === "unclear");
      if (unclear.length > 0) return { is: "unclear", known: unclear.map(({ known }) => known), unknown: [unclear[0]?.unknown ?? ""] };
      return { is: "done", proof: { settled: partitions.length } };
    },
    async act({ partitions }, _, context) {
      const problems = await Promise.all(
        (await judgeAll(partitions)).map(async ([partition, each]): Promise<StillwaterError | null> => {
          try {
            if (each.is === "cancelOp") await context.send(null, async (fence) => rpc.nameserver.cancelOp(fence, each.operation));
            if (each.is === "demote")
              await context.send(null, async (fence) => rpc.tablet(each.on).changeRole(fence, partition, { mode: "kTableFollower" }));
            if (each.is === "giveBack") {
              const term = await termToLead(cluster, partition, each.on, each.followers);
              await context.send(null, async (fence) =>
                rpc.tablet(each.on).changeRole(fence, partition, { mode: "kTableLeader", term, replicas: each.followers }),
              );
            }
            return null;
          } catch (error) {
            if (error instanceof StillwaterError) return error;
            throw error;
          }
        }),
      );
      const lost = problems.find((problem) => problem !== null && !(problem instanceof Refused)) ?? problems.find((problem) => problem !== null);
      if (lost !== undefined && lost !== null) throw lost;
      return null;
    },
  });
};
