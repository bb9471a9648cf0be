// The batch calls of a namespace (facts 3.2, P5 to P9): one element of the answer for each run that is stopped, so that elements have no place of their own.
import { ServerError, badRequest, json, notFound } from "../answers.ts";
import { PRETTY } from "../applications.ts";
import type { LabCluster } from "../cluster.ts";
import type { Call } from "../routes.ts";
import { typeOfPrettyName } from "./entity.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { gracefulOf } from "./program-routes.ts";
import { recordOf, statusOf } from "./record.ts";
import type { RunStore } from "./run-store.ts";
import type { ProgramId } from "./run.ts";

interface Item {
  readonly program: ProgramId;
  /** As it was asked. */
  readonly said: { readonly appId: string; readonly programType: string; readonly programId: string };
  readonly args: Readonly<Record<string, string>>;
}
type Element = Readonly<Record<string, unknown>>;
const RUN_COUNTS = 100;

export class BatchRoutes {
  readonly #cluster: LabCluster;
  readonly #lifecycle: Lifecycle;
  readonly #store: RunStore;

  constructor(cluster: LabCluster, lifecycle: Lifecycle, store: RunStore) {
    this.#cluster = cluster;
    this.#lifecycle = lifecycle;
    this.#store = store;
  }
  register(): void {
    const route = (name: string, effect: boolean, element: (item: Item, call: Call) => readonly Element[], most = Infinity): void => {
      this.#cluster.route(
        "POST",
        `/v3/namespaces/{ns}/${name}`,
        (call) => {
          const items = itemsOf(call);
          if (items.length > most) throw badRequest(`${name} allows at most ${String(most)} programs`);
          return json(items.flatMap((item) => element(item, call)));
        },
        { effect },
      );
    };
    route("stop", true, (item, call) => this.#stop(item, call));
    route("start", true, (item) => this.#each(item, () => ({ runId: this.#lifecycle.start(item.program, item.args) })));
    route("status", false, (item) => this.#each(item, () => ({ status: statusOf(this.#lifecycle.activeOfLatest(item.program)) })));
    route("runs", false, (item) => this.#each(item, () => ({ runs: this.#latestRun(item.program) })));
    route("runcount", false, (item) => this.#each(item, () => ({ runCount: this.#latestRuns(item.program).length })), RUN_COUNTS);
  }

  #stop(item: Item, { query }: Call): readonly Element[] {
    const budget = gracefulOf(this.#cluster, query) ?? this.#lifecycle.defaultBudgetMs;
    const { namespace, app } = item.program;
    // Outside of what is caught for each element: what came before is stopped already (facts 3.2).
    if (this.#cluster.release.missingAppFailsBatch && this.#cluster.applications.versions(namespace, app) === null)
      throw notFound(`application:${namespace}.${app}.-SNAPSHOT`);
    try {
      const stopped = this.#lifecycle.stopProgram(item.program, null, budget);
      return stopped.map((run) => ({ ...said(item), appVersion: run.version, statusCode: 200, runId: run.id }));
    } catch (error) {
      return [failed(item, error)];
    }
  }
  #each(item: Item, work: () => Element): readonly Element[] {
    try {
      return [{ ...said(item), statusCode: 200, ...work() }];
    } catch (error) {
      return [failed(item, error)];
    }
  }
  #latestRuns(program: ProgramId): ReturnType<RunStore["of"]> {
    const { version } = this.#lifecycle.versionOf(program, null);
    return this.#store.of(program).filter((run) => run.version === version);
  }
  #latestRun(program: ProgramId): readonly Element[] {
    return this.#latestRuns(program).slice(-1).map(recordOf);
  }
}

const said = ({ said: { appId, programId }, program }: Item): Element => ({ appId, programType: PRETTY[program.type], programId });
const failed = (item: Item, error: unknown): Element => {
  if (!(error instanceof ServerError)) throw error;
  return { ...said(item), statusCode: error.status, error: error.message };
};

/** Throws 400 for the whole call. */
function itemsOf({ params, body }: Call): readonly Item[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = null;
  }
  if (!Array.isArray(parsed)) throw badRequest("Request body is invalid json, please check that it is a json array.");
  return parsed.map((element: unknown) => {
    const { appId, programType, programId, runtimeargs = {} } = (element ?? {}) as Readonly<Record<string, unknown>>;
    const fields = { appId, programType, programId };
    const text = (name: keyof typeof fields): string => {
      const value = fields[name];
      if (typeof value !== "string")
        throw badRequest(`Must provide valid appId, programType, and programId for each object: '${name}' must be specified.`);
      return value;
    };
    const program = { namespace: params["ns"] ?? "", app: text("appId"), type: typeOfPrettyName(text("programType")), name: text("programId") };
    return {
      program,
      said: { appId: program.app, programType: text("programType"), programId: program.name },
      args: runtimeargs as Record<string, string>,
    };
  });
}
