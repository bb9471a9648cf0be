// Fences that are set around a move as a whole: SetMode of a tablet, and the operator's own commands.
import { operation } from "../../../planner/kit.ts";
import { Refused } from "../../../model/errors.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { effectTimeoutMs } from "../rpc.ts";
import { steps, type TabletFenceParams, type TrafficParams } from "../steps.ts";

/** The nameserver lifts it whenever a tablet comes or goes, or another nameserver takes over (facts 4.2): it is read back, and set again when it is lost. */
export const tabletFenceOperation = (cluster: OmCluster) =>
  operation<OmFacts, TabletFenceParams>("tabletFence", {
    fenced: "host",
    settleMs: effectTimeoutMs,
    answersSettle: true,
    async look({ endpoint, fenced }) {
      if ((await cluster.rpc.tablet(endpoint).writeFenced()) === fenced) return { is: "done" };
      return { is: "open", why: fenced ? `${endpoint} accepts writes` : `${endpoint} refuses writes` };
    },
    async act({ endpoint, fenced }, _, context) {
      await context.send(null, async (fence) => cluster.rpc.tablet(endpoint).setMode(fence, fenced));
      return null;
    },
    undo: ({ endpoint, fenced }) => (fenced ? [steps.tabletFence("lift", { endpoint, fenced: false })] : []),
  });

/** Nothing tells from outside whether traffic is held back: the last answer is all there is. */
export const trafficOperation = (cluster: OmCluster) =>
  operation<OmFacts, TrafficParams, null, { readonly ran: true }>("traffic", {
    fenced: "unfenced",
    look: async (_, { receipt }) => (receipt === null ? { is: "open" } : { is: "done" }),
    async act({ paused }, _, context) {
      const { traffic } = cluster;
      if (traffic === null) throw new Refused("the cluster file names no hooks.pauseTraffic and hooks.resumeTraffic", { code: "SW3004" });
      await context.send(null, async (fence) => (paused ? traffic.pause(fence) : traffic.resume(fence)));
      return { ran: true };
    },
    undo: ({ paused }) => (paused ? [steps.traffic("resume", { paused: false })] : []),
  });
