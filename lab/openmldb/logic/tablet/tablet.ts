import { Lifetime } from "../../../kit/lifetime.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import { authenticatorOf } from "../authentication.ts";
import { brpc, method, type Method } from "../brpc.ts";
import type { Component, RunningNode, Surroundings } from "../node.ts";
import type { CancelOpRequest, DeleteOpTaskRequest, GetTaskStatusReply, SetModeRequest } from "../tablet-messages.ts";
import { OK } from "./codes.ts";
import { TabletContext } from "./context.ts";
import { dataMethods } from "./data-methods.ts";
import { flagsOf } from "./flags.ts";
import { ReplicationPaces } from "./pace.ts";
import { Registration } from "./registration.ts";
import { replicationMethods } from "./replication-methods.ts";
import { snapshotMethods } from "./snapshot-methods.ts";
import { tableMethods } from "./table-methods.ts";

export interface RunningTablet extends RunningNode {
  /** For faults in memory; in processes: REPLICATION_PAGE. */
  readonly paces: ReplicationPaces;
}

/** Of the lab alone. POST {"endpoint": follower or "*", "delay_ms"?, "per_second"?} sets a pace, {"clear": true} takes all back. */
export const REPLICATION_PAGE = "/lab/replication";

/** A tablet server (facts 2.6, 4.1, 6.3). */
export function tablet(component: Component, surroundings: Surroundings): RunningTablet {
  const life = new Lifetime(surroundings);
  const { clock, network, zookeeper } = life;
  const flags = flagsOf(component);
  const paces = new ReplicationPaces(component.durations);
  const context = new TabletContext(
    component,
    {
      clock,
      network,
      zookeeper,
      disk: surroundings.disk,
      random: () => surroundings.random(),
      log: (level, line) => {
        if (!life.over) surroundings.log(level, line);
      },
      exit: (code, why) => {
        if (life.over) return;
        life.end();
        surroundings.exit(code, why);
      },
    },
    flags,
    paces,
  );
  const registration = new Registration(context);
  let version: string | null = null;
  const server = brpc({
    services: [
      {
        name: "openmldb.api.TabletServer",
        methods: {
          ...dataMethods(context),
          ...replicationMethods(context),
          ...tableMethods(context),
          ...snapshotMethods(context),
          ...processMethods(context, registration),
        },
      },
    ],
    authenticator: authenticatorOf(component.release, component.flags),
    version: () => version,
    status: flags.enableStatusService,
    labPages: { [REPLICATION_PAGE]: (request) => replicationPage(paces, request) },
  });
  const register = async (): Promise<void> => {
    if (await registration.first()) {
      version = `${component.release}-lab`;
      return;
    }
    context.surroundings.exit(1, "Fail to register zk");
  };
  return {
    paces,
    start: async () => {
      try {
        await network.listen(component.endpoint, server);
      } catch (error) {
        context.surroundings.log("ERROR", `Fail to start server: ${error instanceof Error ? error.message : String(error)}`);
        context.surroundings.exit(1, "Fail to start server");
        return;
      }
      // It listens before it is registered: start.sh may call it started, and it ends itself a moment later (facts 3.2).
      void register();
    },
    kill: () => {
      life.end();
    },
  };
}

function processMethods(context: TabletContext, registration: Registration): Readonly<Record<string, Method>> {
  return {
    SetMode: method({ follower: "boolean" }, {}, ({ follower }: SetModeRequest) => {
      context.isFollowerCluster = follower;
      context.surroundings.log("INFO", `set tablet mode ${follower ? "follower" : "normal"}`);
      return OK;
    }),
    GetTaskStatus: method({}, {}, (): GetTaskStatusReply => ({ ...OK, task: context.tasks.list() })),
    DeleteOPTask: method({}, { op_id: "list" }, ({ op_id = [] }: Partial<DeleteOpTaskRequest>) => {
      context.tasks.forget(op_id);
      return OK;
    }),
    CancelOP: method({ op_id: "number" }, {}, ({ op_id }: CancelOpRequest) => {
      // Tasks begin when they come, so none waits that could be canceled.
      context.surroundings.log("INFO", `cancel op ${String(op_id)}: no task of it waits`);
      return OK;
    }),
    GetCatalog: method({}, {}, () => ({ ...OK, catalog: { version: context.catalogVersion, endpoint: context.component.endpoint } })),
    ConnectZK: method({}, {}, async () => ((await registration.connect()) ? OK : { code: -1, msg: "connect zk failed" })),
    DisConnectZK: method({}, {}, async () => {
      await registration.disconnect();
      return OK;
    }),
  };
}

function replicationPage(paces: ReplicationPaces, { body }: Request): Reply {
  const wanted = JSON.parse(body) as {
    readonly endpoint?: string;
    readonly delay_ms?: number;
    readonly per_second?: number;
    readonly clear?: boolean;
  };
  if (wanted.clear === true) paces.clear();
  else
    paces.set(wanted.endpoint ?? "*", {
      ...(wanted.delay_ms === undefined ? {} : { delayMs: wanted.delay_ms }),
      ...(wanted.per_second === undefined ? {} : { perSecond: wanted.per_second }),
    });
  return { status: 200, body: "ok" };
}
