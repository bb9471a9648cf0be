// From the cluster to the probe's client.
import { setTimeout as pause } from "node:timers/promises";
import type { ContinuityClient, ContinuityOptions } from "../../../model/continuity.ts";
import { StillwaterError } from "../../../model/errors.ts";
import { isHostPort } from "../../../model/read-system-keys.ts";
import { isUndo } from "../../../model/step.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import type { Credentials } from "../wire/session.ts";
import { DolphindbContinuity } from "./continuity.ts";

/** Error SW5001 for a route or a name that cannot be used, and beside a run that cannot be probed. */
export async function continuityClient(cluster: OpenedCluster, { definition, name, turns = [] }: ContinuityOptions): Promise<ContinuityClient> {
  if (turns.some(({ items }) => items.some((item) => !isUndo(item) && item.do === "nothingWritten")))
    throw new StillwaterError("SW5001", "copies of metadata are put back on every node, which do not know what the probe would write", {
      object: cluster.cluster,
      remedy: "Give --no-probe: that nothing was written is proved by the run itself.",
    });
  const dataNodes = cluster.nodes.filter(({ role }) => role === "datanode");
  const { route } = definition;
  const sites = route === null ? dataNodes.map(({ endpoint }) => endpoint) : "hosts" in route ? route.hosts : [route.address];
  const wrong = sites.find((site) => !isHostPort(site));
  if (wrong !== undefined || sites.length === 0)
    throw new StillwaterError(
      "SW5001",
      wrong === undefined ? "the cluster has no data node that the probe could write to" : `the route has ${wrong}, which is not HOST:PORT`,
      {
        object: wrong ?? cluster.cluster,
        remedy: "Name data nodes under continuity.route of the cluster file, as the clients' site list does.",
      },
    );
  return await Promise.resolve(
    new DolphindbContinuity({
      ...(cluster.probe.chunkLockMs === null ? {} : { chunkLockMs: cluster.probe.chunkLockMs }),
      transport: cluster.transport,
      rpc: cluster.rpc,
      credentials: cluster.credentials === null ? null : askedOnce(cluster.credentials),
      sites,
      dataNodes,
      controllers: cluster.nodes.filter(({ role }) => role === "controller").map(({ name: controller }) => controller),
      database: cluster.probeDatabase,
      table: cluster.probe.table,
      name,
      pause: async (ms, signal) => {
        await pause(ms, undefined, { signal }).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      },
      now: () => performance.now(),
      wall: () => cluster.now(),
    }),
  );
}

/** A secret may be a command: it is not run for each of many connections. */
function askedOnce(credentials: Credentials): Credentials {
  let password: Promise<string> | null = null;
  return {
    user: credentials.user,
    password: () =>
      (password ??= credentials.password().catch((error: unknown) => {
        password = null;
        throw error;
      })),
  };
}
