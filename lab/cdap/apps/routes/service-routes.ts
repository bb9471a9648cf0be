// What services of system applications keep (facts 3.6): connections and drafts of the pipeline studio, drafts of replication. A service that does not run answers nothing.
import { ServerError, json, notFound, text } from "../../logic/answers.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import { authorOf, param, parseObject } from "./request.ts";

type Stored = Readonly<Record<string, unknown>>;
/** By `NS`, or `NS/USER` where every user has his own. */
type Collection = Record<string, Record<string, Stored>>;

interface Kept {
  readonly app: string;
  readonly service: string;
  readonly collection: string;
  /** Name of the key in what the service tells. */
  readonly id: string;
  readonly ofUser: boolean;
}
const KEPT: readonly Kept[] = [
  { app: "pipeline", service: "studio", collection: "connections", id: "connectionId", ofUser: false },
  { app: "pipeline", service: "studio", collection: "drafts", id: "id", ofUser: true },
  { app: "delta", service: "assessor", collection: "drafts", id: "name", ofUser: true },
];

export function addServiceRoutes(cluster: LabCluster, runs: (app: string, service: string) => boolean): void {
  for (const { app, service, collection, id, ofUser } of KEPT) {
    const stored = cluster.part<Collection>(`${app}-${collection}`, () => ({}));
    const path = `/v3/namespaces/system/apps/${app}/services/${service}/methods/v1/contexts/{ns}/${collection}`;
    const guard = (call: Call): Record<string, Stored> => {
      if (!runs(app, service)) throw new ServerError(503, `Service '${service}' of application '${app}' is not available`);
      if (!cluster.applications.namespaces().includes(param(call, "ns"))) throw notFound(`namespace:${param(call, "ns")}`);
      return (stored[ofUser ? `${param(call, "ns")}/${authorOf(call)}` : param(call, "ns")] ??= {});
    };
    const find = (call: Call): Stored => {
      const found = guard(call)[param(call, "item")];
      if (found === undefined)
        throw new ServerError(404, `${collection} '${param(call, "item")}' does not exist in namespace '${param(call, "ns")}'`);
      return found;
    };
    cluster.route("GET", path, (call) => {
      const whole = collection === "connections" || call.query.get("includeConfig") === "true";
      return json(Object.values(guard(call)).map((each) => (whole ? each : { ...each, config: {} })));
    });
    cluster.route("GET", `${path}/{item}`, (call) => json(find(call)));
    cluster.route("PUT", `${path}/{item}`, (call) => {
      const name = param(call, "item");
      const now = cluster.clock.now();
      const before = guard(call)[name];
      guard(call)[name] = {
        name,
        createdTimeMillis: before?.["createdTimeMillis"] ?? now,
        ...parseObject(call.body),
        [id]: name,
        updatedTimeMillis: now,
      };
      cluster.changed();
      return text(200);
    });
    cluster.route("DELETE", `${path}/{item}`, (call) => {
      find(call);
      delete guard(call)[param(call, "item")];
      cluster.changed();
      return text(200);
    });
  }
}
