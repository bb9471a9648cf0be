// Before a host goes down: its jobs end, and its caches are written out, so that the graceful stop is short (facts 1.3). Writers go on meanwhile, so an empty
// redo log cannot be waited for: the stop itself waits for running transactions.
import { operation } from "../../../planner/kit.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import { isUnknownFunction, ServerRefused } from "../wire/errors.ts";
import { integerIn, rowsOf } from "../wire/read-value.ts";
import { RunningJobs } from "./jobs.ts";

type Flushed = { readonly at: number; readonly notes: readonly string[] };
/** Transactions in the redo logs of a node that are nothing beside what a stop does anyway. */
const fewTransactions = 64;
/** After that the stop takes what is left with it. */
const recycleMs = 60_000;
const flushTimeoutMs = 120_000;

export const drainOperation = (cluster: DdCluster) => {
  const jobs = new RunningJobs(cluster);
  const dataNodes = (nodes: readonly string[]): readonly string[] => nodes.filter((node) => cluster.node(node).role === "datanode");
  return operation<DdFacts, StepParams["drain"], null, Flushed>("drain", {
    fenced: "host",
    // A flush that comes late, or twice, does what the server does by itself all the time: nothing has to wait for it.
    settleMs: 0,
    async look({ nodes, jobs: policy }, { receipt }, { now }) {
      const running = await jobs.of(nodes);
      if (running.length > 0 && policy === "wait") return { is: "waiting", for: `${running.join(", ")} to end` };
      if (receipt === null) return dataNodes(nodes).length === 0 ? { is: "done", proof: { jobs: running } } : { is: "open" };
      const left = await transactionsInRedoLogs(cluster, dataNodes(nodes));
      if (left > fewTransactions && now - receipt.at < recycleMs)
        return { is: "waiting", for: `redo logs to be recycled: ${String(left)} transactions are left` };
      return { is: "done", proof: { jobs: running, transactionsInRedoLogs: left, notes: receipt.notes } };
    },
    async act({ nodes }, _, context) {
      const notes: string[] = [];
      for (const node of dataNodes(nodes)) {
        const { host } = cluster.node(node);
        for (const flush of ["flushOLAPCache()", "flushTSDBCache()"])
          try {
            await context.send(host.name, (fence) => cluster.rpc.effect(node, flush, { host, fence }, flushTimeoutMs));
          } catch (error) {
            // A server without that cache engine has nothing to flush; the stop writes out whatever there is.
            if (!(error instanceof ServerRefused)) throw error;
            notes.push(error.message);
          }
      }
      return { at: context.now, notes };
    },
  });
};

/** Of getRedoLogGCStat(): a node without redo logs has no rows, and an old release has no such function. */
async function transactionsInRedoLogs(cluster: DdCluster, nodes: readonly string[]): Promise<number> {
  let sum = 0;
  for (const node of nodes)
    try {
      const stat = rowsOf(node, "getRedoLogGCStat()", await cluster.rpc.call(node, "getRedoLogGCStat"), ["txnCount"]);
      for (const row of stat) sum += integerIn(row, "txnCount") ?? 0;
    } catch (error) {
      if (!isUnknownFunction(error)) throw error;
    }
  return sum;
}
