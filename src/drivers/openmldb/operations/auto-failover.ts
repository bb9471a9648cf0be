// auto_failover off while leaders are moved by hand: the nameserver refuses ChangeLeader and RecoverTable otherwise (301), and would interfere.
import type { Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { effectTimeoutMs } from "../rpc.ts";
import { nameOf, steps, type AutoFailoverParams } from "../steps.ts";
import { observe, ownOf, type Observation } from "./moving/observation.ts";

/** Old leaders with rows that the present one does not have: with auto_failover on, the nameserver would drop them the next time their tablet comes. */
function atStake({ partitions }: Observation): readonly string[] {
  return [...partitions.values()].flatMap(({ partition, replicas, term }) =>
    replicas.flatMap((replica) => {
      // Not loaded, as after a restart of its tablet: they are on its disk, and what the nameserver last heard of it is all that is known.
      const offset = ownOf(replica)?.offset ?? replica.known;
      if (term === null || replica.alive || !replica.leads || offset < term.offset) return [];
      return [`${nameOf(partition)}: ${replica.endpoint} holds offsets ${String(term.offset)} to ${String(offset)} that its leader does not have`];
    }),
  );
}

export const autoFailoverOperation = (cluster: OmCluster) =>
  operation<OmFacts, AutoFailoverParams, { readonly was: boolean }>("autoFailover", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    prepare: async () => ({ was: await cluster.rpc.nameserver.autoFailover() }),
    async look({ value }): Promise<Look> {
      if ((await cluster.rpc.nameserver.autoFailover()) === value) return { is: "done", proof: { value } };
      if (!value) return { is: "open" };
      const rows = atStake(await observe(cluster.rpc, cluster.now()));
      if (rows.length === 0) return { is: "open" };
      return {
        is: "unclear",
        known: rows,
        unknown: ["whether these rows may be dropped: auto_failover stays off until they are recovered, or you set it yourself; then retry"],
      };
    },
    async act({ value }, _, context) {
      await context.send(null, async (fence) => cluster.rpc.nameserver.setAutoFailover(fence, value));
      return null;
    },
    undo: ({ value }, { was }) => (was === value ? [] : [steps.autoFailover("put back", { value: was })]),
  });
