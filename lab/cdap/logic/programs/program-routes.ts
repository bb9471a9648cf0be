// ProgramLifecycleHttpHandler: one program at a time (facts 3.2, P1 to P4, P10, P11, P14, P16).
import { ServerError, badRequest, json, text } from "../answers.ts";
import type { LabCluster } from "../cluster.ts";
import type { Call, Handler } from "../routes.ts";
import { typeOfCategory } from "./entity.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { recordOf, statusOf } from "./record.ts";
import { isRunId } from "./run-id.ts";
import type { RunMachine } from "./run-machine.ts";
import type { RunStore } from "./run-store.ts";
import type { ProgramId, Run, RunStatus } from "./run.ts";

const STATUSES: ReadonlySet<string> = new Set<RunStatus | "ALL">([
  "ALL",
  "PENDING",
  "STARTING",
  "RUNNING",
  "SUSPENDED",
  "RESUMING",
  "STOPPING",
  "COMPLETED",
  "FAILED",
  "KILLED",
  "REJECTED",
]);
const NEVER_KILLED_MS = 2_147_483_647_000;
/** Programs that have instances. */
const SCALED = ["services", "workers"] as const;

export class ProgramRoutes {
  readonly #cluster: LabCluster;
  readonly #lifecycle: Lifecycle;
  readonly #store: RunStore;
  readonly #machine: RunMachine;

  constructor(cluster: LabCluster, lifecycle: Lifecycle, store: RunStore, machine: RunMachine) {
    this.#cluster = cluster;
    this.#lifecycle = lifecycle;
    this.#store = store;
    this.#machine = machine;
  }
  register(): void {
    const cluster = this.#cluster;
    for (const app of ["/v3/namespaces/{ns}/apps/{app}", "/v3/namespaces/{ns}/apps/{app}/versions/{version}"]) {
      const program = `${app}/{type}/{program}`;
      cluster.route("GET", `${program}/status`, (call) => this.#status(call));
      cluster.route("POST", `${program}/start`, (call) => this.#start(call));
      cluster.route("POST", `${program}/debug`, (call) => this.#debug(call));
      cluster.route("POST", `${program}/stop`, (call) => this.#stop(call));
      cluster.route("GET", `${program}/runs`, (call) => this.#runs(call));
      cluster.route("GET", `${program}/runs/{run}`, (call) => json(recordOf(this.#run(call))));
      cluster.route("POST", `${program}/runs/{run}/stop`, (call) => this.#stopRun(call));
      cluster.route("POST", `${program}/{action}`, ({ params }) => text(404, `${params["action"] ?? ""} action was not found`));
    }
    cluster.route("POST", "/v3/namespaces/{ns}/apps/{app}/workflows/{program}/runs/{run}/suspend", (call) => this.#pause(call, "suspend"));
    cluster.route("POST", "/v3/namespaces/{ns}/apps/{app}/workflows/{program}/runs/{run}/resume", (call) => this.#pause(call, "resume"));
    cluster.route("PUT", "/v3/namespaces/{ns}/apps/{app}/versions/{version}/restart-programs", (call) => this.#restart(call));
    this.#instances();
  }

  readonly #status: Handler = (call) => {
    const { program, version } = this.#of(call);
    const own = this.#lifecycle.versionOf(program, version);
    return json({ status: statusOf(this.#store.activeOf(program).filter((run) => run.version === own.version)) });
  };
  readonly #start: Handler = (call) => {
    const { program, version } = this.#of(call);
    const latest = this.#lifecycle.versionOf(program, null).version;
    if (version !== null && this.#lifecycle.versionOf(program, version).version !== latest)
      throw badRequest(`Start action is only allowed on the latest version ${latest}. Please use the versionless start API instead.`);
    this.#lifecycle.start(program, argumentsOf(call.body));
    return text(200);
  };
  readonly #debug: Handler = (call) => {
    const { program } = this.#of(call);
    if (program.type !== "SERVICE" && program.type !== "WORKER") throw new ServerError(501, `debug is only supported for services and workers`);
    return this.#start(call);
  };
  readonly #stop: Handler = (call) => {
    const { program, version } = this.#of(call);
    this.#lifecycle.stopProgram(program, version, 0);
    return text(200);
  };
  readonly #stopRun: Handler = (call) => {
    const { program } = this.#of(call);
    const run = call.params["run"] ?? "";
    const budget = this.#graceful(call) ?? this.#lifecycle.defaultBudgetMs;
    if (!isRunId(run)) throw new ServerError(400, `Invalid run id ${run}`, { quoted: true });
    this.#lifecycle.stopRun(program, run, budget);
    return text(200);
  };
  readonly #runs: Handler = (call) => {
    const { program, version } = this.#of(call);
    const own = version === null ? null : this.#lifecycle.versionOf(program, version).version;
    if (own === null) this.#lifecycle.versionOf(program, null);
    const status = (call.query.get("status") ?? "ALL").toUpperCase();
    // An unguarded valueOf (facts P10).
    if (!STATUSES.has(status)) throw new ServerError(500, `No enum constant io.cdap.cdap.proto.ProgramRunStatus.${status}`);
    const start = numberOf(call, "start", 0);
    const end = numberOf(call, "end", Number.MAX_SAFE_INTEGER);
    if (end <= start) throw badRequest(`Invalid end time ${String(end)}. It must be greater than the start time ${String(start)}`);
    const wanted = (run: Run): boolean => {
      const at = Math.floor(run.starting / 1_000);
      return (own === null || run.version === own) && (status === "ALL" || run.status === status) && at >= start && at < end;
    };
    const found = this.#store
      .of(program)
      .filter(wanted)
      .toReversed()
      .slice(0, numberOf(call, "limit", 100));
    return json(found.map(recordOf));
  };
  #pause(call: Call, action: "suspend" | "resume"): ReturnType<Handler> {
    const run = this.#lifecycle.runOf(this.#of(call, "workflows").program, call.params["run"] ?? "");
    if (run.status !== (action === "suspend" ? "RUNNING" : "SUSPENDED"))
      throw badRequest(`Program run ${run.id} cannot be ${action}ed: it is ${run.status}`);
    this.#machine[action](run);
    return text(200);
  }
  readonly #restart: Handler = (call) => {
    const start = numberOf(call, "start-time-seconds", -1);
    const end = numberOf(call, "end-time-seconds", -1);
    if (start < 0 || end <= start) throw badRequest(`Invalid time window: start-time-seconds ${String(start)}, end-time-seconds ${String(end)}`);
    this.#lifecycle.restart(call.params["ns"] ?? "", call.params["app"] ?? "", start * 1_000, end * 1_000);
    return text(200);
  };
  #instances(): void {
    const instances = this.#cluster.part<Record<string, number>>("instances", () => ({}));
    for (const category of SCALED) {
      const path = `/v3/namespaces/{ns}/apps/{app}/${category}/{program}/instances`;
      const key = ({ params }: Call): string => `${params["ns"] ?? ""}/${params["app"] ?? ""}/${category}/${params["program"] ?? ""}`;
      this.#cluster.route("GET", path, (call) => {
        const { program } = this.#of(call, category);
        this.#lifecycle.versionOf(program, null);
        const requested = instances[key(call)] ?? 1;
        return json({ requested, provisioned: this.#store.activeOf(program).length > 0 ? requested : 0 });
      });
      this.#cluster.route("PUT", path, (call) => {
        this.#lifecycle.versionOf(this.#of(call, category).program, null);
        const wanted = (JSON.parse(call.body) as { readonly instances?: number }).instances ?? 0;
        if (!Number.isInteger(wanted) || wanted < 1) throw badRequest(`Instance count should be greater than 0. Got ${String(wanted)}.`);
        instances[key(call)] = wanted;
        this.#cluster.changed();
        return text(200);
      });
    }
  }

  #run(call: Call): Run {
    return this.#lifecycle.runOf(this.#of(call).program, call.params["run"] ?? "");
  }
  /** `-SNAPSHOT` in a path means the latest where versions have other names. */
  #of({ params }: Call, category = params["type"] ?? ""): { readonly program: ProgramId; readonly version: string | null } {
    const program = { namespace: params["ns"] ?? "", app: params["app"] ?? "", type: typeOfCategory(category), name: params["program"] ?? "" };
    const version = params["version"] ?? null;
    return { program, version: version === "-SNAPSHOT" && this.#cluster.release.lcmEdit ? null : version };
  }
  /** Milliseconds; null: the server decides. Unknown query parameters are ignored, so this one is too by released servers (facts 0.1). */
  #graceful({ query }: Call): number | null {
    return gracefulOf(this.#cluster, query);
  }
}

/** Facts section 2. Throws 400. */
export function gracefulOf(cluster: LabCluster, query: URLSearchParams): number | null {
  const value = cluster.release.graceful ? query.get("graceful") : null;
  if (value === null) return null;
  if (value === "") return NEVER_KILLED_MS;
  const seconds = Number(value);
  const invalid = `Invalid graceful shutdown period ${value} passed.`;
  if (!Number.isInteger(seconds)) throw new ServerError(400, `${invalid} Please specify a valid number`, { quoted: true });
  if (seconds < 0) throw new ServerError(400, `${invalid} Please specify a value greater than or equal to 0.`, { quoted: true });
  return seconds * 1_000;
}

function numberOf({ query }: Call, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null) return otherwise;
  const number = Number(value);
  if (!Number.isFinite(number)) throw badRequest(`For input string: "${value}"`);
  return number;
}
/** A flat map of texts. Throws 400. */
export function argumentsOf(body: string): Readonly<Record<string, string>> {
  if (body.trim() === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw badRequest("Request body is invalid json, please check that it is a json object.");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw badRequest("Runtime arguments must be a json object of strings.");
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
}
