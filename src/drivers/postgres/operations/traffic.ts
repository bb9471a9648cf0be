// The operator's commands around the switchover. Nothing tells from outside whether traffic is held back: the last answer is all there is.
import { operation } from "../../../planner/kit.ts";
import type { PgFacts } from "../facts.ts";
import type { Servers } from "../servers.ts";
import { steps, type TrafficParams } from "../steps.ts";

export const trafficOperation = (servers: Servers) =>
  operation<PgFacts, TrafficParams, null, { readonly ran: true }>("traffic", {
    fenced: "unfenced",
    async look(_, { receipt }) {
      return receipt === null ? { is: "open" } : { is: "done" };
    },
    async act({ paused }, _, context) {
      const { traffic } = servers;
      await context.send(null, async (fence) => (paused ? traffic?.pause(fence) : traffic?.resume(fence)));
      return { ran: true };
    },
    undo: ({ paused }) => (paused ? [steps.traffic("resume traffic", { paused: false })] : []),
  });
