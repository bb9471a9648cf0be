// Upgrades of one application and of many (facts 3.1, A9 and A10). The answer to many is sent while they are made.
import { ServerError, badRequest, json } from "../../logic/answers.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import { SNAPSHOT } from "../app-store.ts";
import { authorOf, param, parseBody } from "./request.ts";
import { policyOf, upgrade, type UpgradePolicy, type UpgradeWorld } from "../upgrade.ts";

interface CutFault {
  /** The next bulk upgrade loses its connection when it has made one more than so many applications; null: it does not. */
  after: number | null;
  /** The server does not notice, and makes the rest. */
  goesOn: boolean;
}
interface Item {
  readonly name: string;
  readonly version: string | null;
}

export function addUpgradeRoutes(cluster: LabCluster, world: () => UpgradeWorld, inNamespace: (call: Call) => string): void {
  const cut = cluster.part<CutFault>("upgrade-cut", () => ({ after: null, goesOn: false }));
  cluster.control("upgrade-cut", (body) => {
    Object.assign(cut, { goesOn: false, ...(body as Partial<CutFault>) });
  });
  const appId = (namespace: string, application: string, version: string): object => ({ namespace, application, version, entity: "APPLICATION" });
  const one = (namespace: string, { name, version }: Item, policy: UpgradePolicy, author: string): object => {
    const made = upgrade(world(), namespace, name, version, policy, author);
    cluster.changed();
    return { statusCode: 200, appId: appId(namespace, name, made.version) };
  };
  /** What goes wrong with one is an item of the answer. */
  const told = (namespace: string, item: Item, policy: UpgradePolicy, author: string): object => {
    try {
      return one(namespace, item, policy, author);
    } catch (error) {
      const known = error instanceof ServerError;
      return {
        statusCode: known ? error.status : 500,
        error: known ? error.message : "Upgrade failed due to internal error.",
        appId: appId(namespace, item.name, item.version ?? SNAPSHOT),
      };
    }
  };

  cluster.route("POST", "/v3/namespaces/{ns}/apps/{app}/upgrade", async (call) => {
    const namespace = inNamespace(call);
    const policy = policyOf(call.query);
    await cluster.sleep(cluster.settings.durations.item);
    return json(one(namespace, { name: param(call, "app"), version: null }, policy, authorOf(call)));
  });
  cluster.route("POST", "/v3/namespaces/{ns}/upgrade", (call) => {
    const namespace = inNamespace(call);
    const policy = policyOf(call.query);
    const items = itemsOf(call.body);
    const author = authorOf(call);
    const lostAt = cut.after;
    const { goesOn } = cut;
    cut.after = null;
    async function* parts(): AsyncIterable<string> {
      yield "[";
      for (const [index, item] of items.entries()) {
        await cluster.sleep(cluster.settings.durations.item);
        const answer = JSON.stringify(told(namespace, item, policy, author));
        if (index === lostAt) {
          if (goesOn) for (const rest of items.slice(index + 1)) told(namespace, rest, policy, author);
          throw new Error("the connection is cut");
        }
        yield index === 0 ? answer : `,${answer}`;
      }
      yield "]";
    }
    return { status: 200, headers: { "content-type": "application/json" }, body: "", parts: parts() };
  });
}

/** Error 400 for the call as a whole. */
function itemsOf(body: string): readonly Item[] {
  const invalid = "Request body is invalid json, please check that it is a json array.";
  const items = parseBody(body, invalid);
  if (!Array.isArray(items)) throw badRequest(invalid);
  return items.map((item: { readonly name?: unknown; readonly version?: unknown } | null) => {
    if (typeof item?.name !== "string") throw badRequest("Missing 'name' in the request element for app-id.");
    return { name: item.name, version: typeof item.version === "string" ? item.version : null };
  });
}
