// What an installation of the lab has to do: nodes with dependencies, APIs of every class, applications with grants, real-time jobs, rules.
import type { Database } from "./database.ts";
import type { Api, Grant, Node } from "./entities.ts";
import { addInstance, generateIfDue } from "./scheduler/generate.ts";
import { DAY, MINUTE } from "./times.ts";

export interface WorkloadOptions {
  /** Daily nodes whose instances run for long and are running when the lab begins. */
  readonly longJobs?: number;
  readonly longMs?: number;
  /** A node that is due so many minutes apart; 0: none. */
  readonly everyMinutes?: number;
  readonly shortMs?: number;
  readonly streamJobs?: number;
  /** A task that fails whenever it runs, with a rule; and a rule for how long a task may run that is only just kept. Default: none of this. */
  readonly troubles?: boolean;
  /** Of the grant that expires; default: in ten years. */
  readonly expireDate?: string;
}
export interface Workload {
  readonly project: string;
  readonly apis: Readonly<
    Record<
      | "direct"
      | "serviceUnit"
      | "composite"
      | "registered"
      | "logicalTable"
      | "dataphinSource"
      | "compositeLogical"
      | "fields"
      | "limited"
      | "expiring",
      number
    >
  >;
  /** Key and secret: with grants; with a grant for field `a` alone; without any. */
  readonly apps: Readonly<Record<"caller" | "partial" | "ungranted", { readonly key: string; readonly secret: string }>>;
  readonly nodes: Readonly<Record<string, string>>;
  readonly running: readonly string[];
}
const PROJECT = "7162269257990111";
/** A run that is seen to its end in time keeps its rule by so much. */
const KEPT_BY_MS = 8_000;
const NEVER = "2036-12-31";

export function addNode(database: Database, node: Partial<Node> & Pick<Node, "name">): Node {
  const made: Node = {
    id: `n_${database.nextId()}`,
    project: PROJECT,
    owner: "ana",
    schedule: { kind: "daily", minute: 60 },
    priority: "MIDDLE",
    resourceGroup: "group_1",
    timeoutMs: 48 * 60 * MINUTE,
    autoRerun: { count: 0, intervalMs: 2 * MINUTE },
    upstream: [],
    paused: false,
    durationMs: 30_000,
    fails: false,
    appends: false,
    ...node,
  };
  database.data.nodes[made.id] = made;
  return made;
}

/** Made once, when the database is empty; `null`: it holds one already. */
export function addWorkload(database: Database, now: number, options: WorkloadOptions = {}): Workload {
  const { longJobs = 20, longMs = 30 * MINUTE, everyMinutes = 5, shortMs = 20_000, streamJobs = 3, troubles = false, expireDate = NEVER } = options;
  const { data } = database;
  data.projects.push({ id: PROJECT, name: "retail", parallelism: 100 });
  const nodes: Record<string, string> = {};
  const node = (made: Partial<Node> & Pick<Node, "name">): Node => {
    const added = addNode(database, made);
    nodes[made.name] = added.id;
    return added;
  };
  // Due at the minute before the lab began, so that their instances of today are running at once.
  const minute = Math.floor((now % DAY) / MINUTE);
  const due = { kind: "daily", minute } as const;
  const long = Array.from({ length: longJobs }, (_, index) => node({ name: `load_${String(index + 1)}`, schedule: due, durationMs: longMs }));
  const a = node({ name: "chain_a", schedule: due, durationMs: 15_000 });
  const b = node({ name: "chain_b", schedule: due, durationMs: longMs, upstream: [a.id] });
  node({ name: "chain_c", schedule: due, durationMs: 15_000, upstream: [b.id] });
  if (everyMinutes > 0) node({ name: "report", schedule: { kind: "minutes", every: everyMinutes }, durationMs: shortMs });
  node({ name: "nightly", schedule: { kind: "daily", minute: 30 }, durationMs: 60_000 });
  node({ name: "smoke", schedule: { kind: "manual" }, durationMs: 5_000 });
  for (const [name, type] of [
    [long[0]?.name, "ERROR"],
    ["report", "ERROR"],
    ["report", "FINISH"],
  ] as const)
    if (name !== undefined && nodes[name] !== undefined) data.alertRules.push({ id: database.nextId(), type, object: nodes[name], limit: 0 });
  if (troubles) {
    const flaky = node({ name: "flaky", schedule: { kind: "minutes", every: 1 }, durationMs: shortMs, fails: true });
    data.alertRules.push({ id: database.nextId(), type: "ERROR", object: flaky.id, limit: 0 });
    const [first] = long;
    if (first !== undefined) data.alertRules.push({ id: database.nextId(), type: "TIME_OUT", object: first.id, limit: longMs + KEPT_BY_MS });
  }
  generateIfDue(database, now, 23 * 60);
  // What was due earlier today has run.
  for (const instance of Object.values(data.instances)) if (instance.dueTime < now - MINUTE) instance.status = "SUCCESS";
  for (let index = 0; index < streamJobs; index += 1) {
    const id = 716_555 + index;
    const flinkId = `${"0".repeat(26)}${String(id)}`.slice(-32);
    const name = `orders_${String(index + 1)}`;
    data.streamJobs.push({ id, name, project: PROJECT, kind: index === 0 ? "REALTIME_PIPELINE" : "FLINK_SQL", environment: "PROD", flinkId });
    for (const type of ["CHECKPOINT_FAILURE", "JOB_FAILURE"] as const)
      data.alertRules.push({ id: database.nextId(), type, object: String(id), limit: 0 });
  }
  const running = Object.values(data.instances)
    .filter(({ dueTime, status }) => status !== "SUCCESS" && dueTime <= now)
    .map(({ id }) => id);
  return { project: PROJECT, ...addServices(database, expireDate), nodes, running };
}

function addServices(database: Database, expireDate: string): Pick<Workload, "apis" | "apps"> {
  const { data } = database;
  let last = 10_220;
  const api = (name: string, made: Partial<Api> & Pick<Api, "class">): number => {
    last += 1;
    data.apis[String(last)] = {
      id: last,
      name,
      refs: [],
      environments: ["PROD", "DEV"],
      fields: ["a", "b"],
      rateLimit: null,
      table: `t_${name}`,
      version: "1.0",
      ...made,
    };
    return last;
  };
  const direct = api("orders", { class: "direct" });
  const logicalTable = api("customer", { class: "logicalTable", table: "dim_customer" });
  const apis = {
    direct,
    serviceUnit: api("stock", { class: "serviceUnit" }),
    composite: api("orders_all", { class: "composite", refs: [direct] }),
    registered: api("weather", { class: "registered" }),
    logicalTable,
    dataphinSource: api("sales", { class: "dataphinSource", table: "dws_sales" }),
    compositeLogical: api("customer_all", { class: "composite", refs: [direct, logicalTable] }),
    fields: api("salary", { class: "direct" }),
    limited: api("search", { class: "direct", rateLimit: 5 }),
    expiring: api("trial", { class: "direct" }),
  };
  for (const id of Object.values(apis)) data.alertRules.push({ id: database.nextId(), type: "ERROR_RATE", object: String(id), limit: 0.5 });
  const apps = {
    caller: { id: 101, name: "shop", key: "200000001", secret: "secret-of-shop" },
    partial: { id: 102, name: "audit", key: "200000002", secret: "secret-of-audit" },
    ungranted: { id: 103, name: "guest", key: "200000003", secret: "secret-of-guest" },
  };
  for (const app of Object.values(apps)) data.apps[app.key] = app;
  const grant = (app: number, id: number, more: Partial<Grant> = {}): void => {
    for (const environment of ["PROD", "DEV"] as const)
      data.grants.push({ app, api: id, environment, fields: null, expireDate: NEVER, type: "USE", ...more });
  };
  for (const id of Object.values(apis))
    grant(apps.caller.id, id, id === apis.expiring ? { expireDate } : id === apis.fields ? { fields: ["a"] } : {});
  grant(apps.partial.id, apis.fields, { fields: ["a"] });
  return { apis, apps };
}

/** An instance of that node for today, due now. */
export const instanceNow = (database: Database, nodeId: string, now: number): string =>
  addInstance(database, database.node(nodeId), { dueTime: now, index: 99, now }).id;
