// What is only looked at: who leads the nameservers, and which offline jobs run.
import type { Look } from "../../../model/driver.ts";
import { Unreachable } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { withNameserver } from "../prediction.ts";
import type { JobsParams, LeadsParams } from "../steps.ts";

/** After a restart the same endpoint may lead for a moment by its old lock, until that session times out (upstream #2927): so the second look comes after it. */
export const nameserverLeadsOperation = (cluster: OmCluster) => {
  let first: { readonly leader: string; readonly at: number } | null = null;
  return operation<OmFacts, LeadsParams>("nameserverLeads", {
    async look({ sessionTimeoutMs }): Promise<Look> {
      const leader = await cluster.rpc.leader();
      if (leader === null) {
        first = null;
        return { is: "waiting", for: "a nameserver to lead" };
      }
      const offline = (await cluster.rpc.nameserver.showTablet()).filter(({ state }) => state === "kOffline");
      if (offline.length > 0) return { is: "waiting", for: `${leader} to see tablet ${offline.map(({ endpoint }) => endpoint).join(", ")}` };
      const now = cluster.now();
      if (first?.leader !== leader) first = { leader, at: now };
      if (now - first.at <= sessionTimeoutMs)
        return { is: "waiting", for: `${leader} to lead still after the session time-out of ${String(sessionTimeoutMs)} ms` };
      const proof = { leader, confirmed: 2, apartMs: now - first.at };
      first = null;
      return { is: "done", proof };
    },
    predict: (facts) => withNameserver(facts),
  });
};

const ended = new Set(["FINISHED", "FAILED", "KILLED", "LOST", "STOPPED"]);

/** `wait`: until none runs. `list`: what runs is told, and goes down with the taskmanager. */
export const jobsOperation = (cluster: OmCluster) =>
  operation<OmFacts, JobsParams>("jobs", {
    async look({ jobs }): Promise<Look> {
      let rows: Awaited<ReturnType<OmCluster["rpc"]["sql"]>>;
      try {
        rows = await cluster.rpc.sql("__INTERNAL_DB", "SHOW JOBS");
      } catch (error) {
        if (jobs === "wait" || !(error instanceof Unreachable)) throw error;
        return { is: "done", proof: { jobs: "not known", why: error.message } };
      }
      const running = rows
        .filter(([, , state]) => !ended.has(String(state).toUpperCase()))
        .map(([id, type, state]) => `${String(id)} ${String(type)} ${String(state)}`);
      if (jobs === "wait" && running.length > 0) return { is: "waiting", for: `jobs to end: ${running.join(", ")}` };
      return { is: "done", proof: { jobs: running } };
    },
  });
