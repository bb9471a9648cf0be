import type { Listener } from "../../../kit/network.ts";
import { authenticatorOf } from "../authentication.ts";
import { brpc } from "../brpc.ts";
import type { Component } from "../node.ts";
import type { Context } from "./context.ts";
import type { Operations } from "./operations.ts";
import { cluster } from "./rpcs/cluster.ts";
import { reads } from "./rpcs/reads.ts";
import { replicas } from "./rpcs/replicas.ts";

/** Listens at the component's endpoint. */
export async function serve(
  component: Component,
  context: Context,
  operations: Operations,
  keeper: { registered(): boolean; connect(): Promise<boolean>; disconnect(): void },
): Promise<Listener> {
  const methods = { ...reads(context, operations), ...replicas(context, operations), ...cluster(context, operations, keeper) };
  return await context.surroundings.network.listen(
    component.endpoint,
    brpc({
      services: [{ name: "openmldb.nameserver.NameServer", methods }],
      authenticator: authenticatorOf(component.release, component.flags),
      version: () => (keeper.registered() ? `${component.release}-lab` : null),
      status: component.flags["enable_status_service"] === "true",
    }),
  );
}
