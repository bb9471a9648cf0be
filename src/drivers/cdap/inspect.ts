// One observation of the whole instance. What never changes is asked for once, what runs is asked for in batches: it is looked at before every turn.
import { byName } from "../../model/order.ts";
import { Refused } from "../../model/errors.ts";
import type { CdapApp, CdapFacts, CdapNow, CdapPipeline, CdapStructure } from "./facts.ts";
import { behavioursOf } from "./matrix/behaviours.ts";
import { streamingProgram, type AppDigest } from "./observe/app-details.ts";
import type { ListedApp } from "./observe/applications.ts";
import { gracefulOf } from "./observe/graceful.ts";
import { Kept } from "./observe/kept.ts";
import { customPipeline, pipelineOf, type PipelineSources } from "./observe/pipelines.ts";
import type { SeenRun } from "./observe/runs.ts";
import type { Sight } from "./observe/sight.ts";
import type { CdapCluster } from "./open-cluster.ts";
import { atATime } from "./wire/api.ts";
import { CdapRefused } from "./wire/errors.ts";
import { inParallel } from "./wire/parallel.ts";

/** Of the configuration, what checks and plans read (facts 2.1). */
const configKeys = /^(?:app\.(?:program|max|deploy)\.|feature\.|router\.bind\.port$)/;
/**
 * Milliseconds. What only forecasts and verdicts read, a run that takes hours has no use for: at its gates, paced, thousands of such questions would take
 * longer than its steps.
 */
const ageMs = { config: 60_000, forecasts: 24 * 3_600_000 } as const;

/** Of a real-time pipeline, beside its configuration and its run. */
type PipelineSettings = Pick<PipelineSources, "spec" | "runtimeArgs" | "preferences">;
interface Digested extends ListedApp {
  readonly digest: AppDigest;
}

export class Inspector {
  readonly #cluster: CdapCluster;
  readonly #sight: Sight;
  readonly #config: Kept<Readonly<Record<string, string>> | null>;
  readonly #schedules: Kept<{ readonly scheduled: number; readonly suspended: number }>;
  readonly #settings: Kept<PipelineSettings>;
  readonly #graceful = new Map<string, CdapStructure["graceful"]>();
  #last: CdapStructure | null = null;

  constructor(cluster: CdapCluster, sight: Sight) {
    this.#cluster = cluster;
    this.#sight = sight;
    const now = (): number => cluster.now();
    this.#config = new Kept(ageMs.config, now);
    this.#schedules = new Kept(ageMs.forecasts, now);
    this.#settings = new Kept(ageMs.forecasts, now);
    cluster.api.onSchedule = (ns, app) => this.#schedules.delete(`${ns} ${app}`);
  }

  /**
   * Throws Unreachable when the router does not answer in time or a service behind it is not there, `CdapRefused` when the token is not accepted or a
   * permission is missing, `Malformed` when something else than CDAP answers. That nobody listens is a fact: CDAP is down, and what it had is not known to have changed.
   */
  async inspect(): Promise<CdapFacts> {
    const { api } = this.#cluster;
    let version: string;
    try {
      version = await api.version();
    } catch (error) {
      if (error instanceof Refused && !(error instanceof CdapRefused)) return this.#down(error.message);
      throw error;
    }
    const [services, names, config] = await Promise.all([
      api.servicesStatus(),
      this.#namespaces(),
      this.#config.of(version, () => this.#readConfig()),
    ]);
    const found = await inParallel(names, 4, async (ns) => this.#namespace(ns, version));
    const graceful = await this.#gracefulOf(
      version,
      found.flatMap(({ apps }) => apps),
    );
    const budget = Number(config?.["app.program.max.stop.seconds"] ?? Number.NaN);
    const structure: CdapStructure = {
      version,
      nodes: this.#nodes(),
      graceful,
      budgetSeconds: Number.isFinite(budget) ? budget : null,
      config: config ?? {},
      namespaces: Object.fromEntries(
        found.map(({ ns, apps, artifacts }) => [ns, { artifacts, apps: Object.fromEntries(apps.map((each) => [each.app, appOf(each)])) }]),
      ),
    };
    this.#last = structure;
    const life = this.#cluster.tokens.life();
    const now: CdapNow = {
      observedAt: this.#cluster.now(),
      nodes: this.#states("serving", servicesWords(services)),
      services,
      activeRuns: found.flatMap(({ runs }) => runs.map(({ run }) => run)),
      schedules: {
        scheduled: found.reduce((sum, { schedules }) => sum + schedules.scheduled, 0),
        suspended: found.reduce((sum, { schedules }) => sum + schedules.suspended, 0),
      },
      pipelines: found.flatMap(({ pipelines }) => pipelines),
      ...(life === null ? {} : { token: life }),
    };
    return { structure, now };
  }

  async #namespaces(): Promise<readonly string[]> {
    const present = (await this.#cluster.api.namespaces()).filter((name) => name !== "system");
    const wanted = this.#cluster.namespaces;
    return (wanted === null ? present : present.filter((name) => wanted.includes(name))).toSorted();
  }
  async #readConfig(): Promise<Readonly<Record<string, string>> | null> {
    const all = await this.#cluster.api.config();
    if (all === null) return null;
    return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value !== null && configKeys.test(key) ? [[key, value]] : [])));
  }

  async #namespace(ns: string, version: string) {
    const { api } = this.#cluster;
    const [listed, artifacts] = await Promise.all([this.#sight.lister.list(ns), api.artifacts(ns)]);
    const digests = await this.#sight.details.of(
      ns,
      listed.map(({ app, latest }) => ({ app, version: latest.version, artifact: latest.artifact.version })),
    );
    const apps = listed.flatMap((each, index): readonly Digested[] => {
      const digest = digests[index] ?? null;
      // Deleted between two questions.
      return digest === null ? [] : [{ ...each, digest }];
    });
    const [runs, schedules] = await Promise.all([
      this.#sight.runs.active(
        ns,
        apps.map(({ app, latest, hasOlder, digest }) => ({ ns, app, latest: latest.version, hasOlder, programs: digest.programs })),
      ),
      this.#schedulesOf(ns, apps),
    ]);
    const pipelines = await this.#pipelinesOf(ns, apps, runs, version);
    return {
      ns,
      apps,
      artifacts: artifacts.toSorted((a, b) => byName(`${a.name} ${a.version} ${a.scope}`, `${b.name} ${b.version} ${b.scope}`)),
      runs,
      schedules,
      pipelines,
    };
  }

  async #schedulesOf(ns: string, apps: readonly Digested[]): Promise<{ readonly scheduled: number; readonly suspended: number }> {
    const counts = await inParallel(
      apps.filter(({ digest }) => digest.hasSchedules),
      atATime,
      ({ app }) =>
        this.#schedules.of(`${ns} ${app}`, async () => {
          const all = await this.#cluster.api.schedules(ns, app);
          const suspended = all.filter(({ status }) => status === "SUSPENDED").length;
          return { scheduled: all.length - suspended, suspended };
        }),
    );
    const sum = (of: (each: (typeof counts)[number]) => number): number => counts.reduce((total, each) => total + of(each), 0);
    return { scheduled: sum((each) => each.scheduled), suspended: sum((each) => each.suspended) };
  }

  async #pipelinesOf(ns: string, apps: readonly Digested[], runs: readonly SeenRun[], version: string): Promise<readonly CdapPipeline[]> {
    const streaming = apps.filter(({ digest }) => digest.streams !== null);
    const found = await inParallel(streaming, atATime, async (each): Promise<readonly CdapPipeline[]> => {
      const { app, latest, digest } = each;
      const programs = digest.programs.flatMap(({ type, program }) => (type === "spark" ? [program] : []));
      if (digest.streams === "custom") return programs.map((program) => customPipeline({ ns, app, program }));
      const program = programs.find((name) => name === streamingProgram) ?? programs[0] ?? streamingProgram;
      const own = runs.filter(({ run }) => run.app === app && run.program === program);
      const settings = await this.#settings.of(`${ns} ${app} ${latest.version} ${latest.artifact.version}`, () =>
        this.#settingsOf({ ns, app, program }),
      );
      const judged = (own.length === 0 ? [null] : own).map((run) =>
        pipelineOf({ ns, app, program }, { config: digest.streaming, ...settings, runArgs: run?.args ?? null, version }),
      );
      // Of several runs, the one that may lose most.
      const worst = judged.find(({ wal, mode }) => wal !== true || mode === "NONE") ?? judged[0];
      return worst === undefined ? [] : [worst];
    });
    return found.flat();
  }
  async #settingsOf(at: { readonly ns: string; readonly app: string; readonly program: string }): Promise<PipelineSettings> {
    const { api } = this.#cluster;
    const id = { ...at, type: "spark" } as const;
    const [spec, runtimeArgs, preferences] = await Promise.all([
      api.programSpec(id),
      api.runtimeArgs(id),
      api.preferences({ ns: at.ns, app: at.app, program: id }, true),
    ]);
    return { spec, runtimeArgs, preferences };
  }

  async #gracefulOf(version: string, apps: readonly Digested[]): Promise<CdapStructure["graceful"]> {
    const behaviours = behavioursOf(version);
    if (behaviours === null) return "unknown";
    if (behaviours.graceful === "ignored") return "ignored";
    const known = this.#graceful.get(version);
    if (known !== undefined) return known;
    const program = apps.flatMap(({ ns, app, digest }) => digest.programs.map((each) => ({ ns, app, ...each })))[0];
    const found = program === undefined ? "unknown" : await gracefulOf(this.#cluster.api, program);
    this.#graceful.set(version, found);
    return found;
  }

  #nodes(): CdapStructure["nodes"] {
    return Object.fromEntries(this.#cluster.nodes.map(({ name, role, endpoint, hostName }) => [name, { role, endpoint, host: hostName }]));
  }
  #states(state: "serving" | "down", detail: string): CdapNow["nodes"] {
    return Object.fromEntries(
      this.#cluster.nodes.map(({ name, role }) => [name, { state, detail: role === "router" ? detail : "as the router says" }]),
    );
  }
  #down(why: string): CdapFacts {
    const empty: CdapStructure = { version: null, nodes: this.#nodes(), graceful: "unknown", budgetSeconds: null, config: {}, namespaces: {} };
    return {
      structure: this.#last ?? empty,
      now: {
        observedAt: this.#cluster.now(),
        nodes: this.#states("down", why),
        services: null,
        activeRuns: [],
        schedules: { scheduled: 0, suspended: 0 },
        pipelines: [],
      },
    };
  }
}

const appOf = ({ latest, digest }: Digested): CdapApp => ({ version: latest.version, artifact: latest.artifact, plugins: digest.plugins });
function servicesWords(services: Readonly<Record<string, string>>): string {
  const sick = Object.entries(services).flatMap(([name, status]) => (status === "OK" ? [] : [name]));
  return sick.length === 0 ? "every service is OK" : `not OK: ${sick.join(", ")}`;
}
