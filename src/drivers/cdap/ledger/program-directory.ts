// Every program that has runs, of all applications. What a version of an application consists of never changes, so it is asked for once.
import { AppLister } from "../observe/applications.ts";
import type { CdapCluster } from "../open-cluster.ts";
import type { AppName, Program } from "../step-names.ts";
import type { AppRecord } from "../wire/api.ts";
import { chunksOf } from "../wire/parallel.ts";
import { programType } from "../wire/programs.ts";

export interface Listed {
  readonly programs: readonly Program[];
  /** `NS.APP` to the latest version. */
  readonly versions: ReadonlyMap<string, string>;
  /** `NS.APP` of those of which the server keeps older versions: batch calls do not see their runs (facts 0.2). */
  readonly older: ReadonlySet<string>;
}
type Cluster = Pick<CdapCluster, "api" | "namespaces">;

/** Applications in one question for details. */
const batch = 50;
export const appKey = ({ ns, app }: AppName): string => `${ns}.${app}`;

export class ProgramDirectory {
  readonly #cluster: Cluster;
  readonly #lister: AppLister;
  /** `NS.APP@VERSION` to its programs. */
  readonly #known = new Map<string, readonly Program[]>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#lister = new AppLister(cluster.api);
  }

  /** Null: those of the cluster file, else all but `system`. */
  async namespaces(wanted: readonly string[] | null): Promise<readonly string[]> {
    const named = wanted ?? this.#cluster.namespaces;
    return named ?? (await this.#cluster.api.namespaces()).filter((name) => name !== "system");
  }

  /** Latest versions, sorted by name. */
  async apps(ns: string): Promise<readonly AppRecord[]> {
    return (await this.#cluster.api.listApps(ns)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `apps` null: of every application. Throws when it cannot see. */
  async list(namespaces: readonly string[] | null, apps: readonly AppName[] | null = null): Promise<Listed> {
    const programs: Program[] = [];
    const versions = new Map<string, string>();
    const older = new Set<string>();
    const wanted = apps === null ? null : new Set(apps.map(appKey));
    const within = apps === null ? await this.namespaces(namespaces) : [...new Set(apps.map(({ ns }) => ns))];
    for (const ns of within) {
      const found = (await this.#lister.list(ns)).filter((each) => wanted === null || wanted.has(appKey(each)));
      const records = found.map(({ latest }) => latest).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      await this.#learn(ns, records);
      for (const each of found) if (each.hasOlder) older.add(appKey(each));
      for (const { name: app, version } of records) {
        versions.set(appKey({ ns, app }), version);
        programs.push(...(this.#known.get(`${appKey({ ns, app })}@${version}`) ?? []));
      }
    }
    return { programs, versions, older };
  }

  /** Of which anything but STOPPED is said, and all of applications with older versions unless `settled`: of the others no run is without an end. */
  async suspicious({ programs, older }: Listed, settled: (app: string) => boolean): Promise<readonly Program[]> {
    const found: Program[] = [];
    for (const [ns, own] of Map.groupBy(programs, (program) => program.ns)) {
      const statuses = await this.#cluster.api.programStatuses(ns, own);
      own.forEach((program, index) => {
        const key = appKey(program);
        if ((statuses[index] ?? "STOPPED") !== "STOPPED" || (older.has(key) && !settled(key))) found.push(program);
      });
    }
    return found;
  }

  async #learn(ns: string, apps: readonly AppRecord[]): Promise<void> {
    const unknown = apps.filter(({ name, version }) => !this.#known.has(`${ns}.${name}@${version}`));
    for (const some of chunksOf(unknown, batch)) {
      const details = await this.#cluster.api.appDetails(
        ns,
        some.map(({ name, version }) => ({ app: name, version })),
      );
      some.forEach(({ name: app, version }, index) => {
        const detail = details[index];
        // It has vanished since it was listed; the next list says so.
        if (detail == null) return;
        const programs = detail.programs.flatMap(({ type, name }): readonly Program[] => {
          const category = programType(type);
          return category === null ? [] : [{ ns, app, type: category, program: name }];
        });
        this.#known.set(`${ns}.${app}@${version}`, programs);
      });
    }
  }
}
