// Every program that has runs, of all applications. What a version of an application consists of never changes, so it is asked for once.
import type { CdapCluster } from "../open-cluster.ts";
import type { AppName, Program } from "../step-names.ts";
import type { AppRecord } from "../wire/api.ts";
import { chunksOf } from "../wire/parallel.ts";
import { programType } from "../wire/programs.ts";
import type { Pace } from "./pace.ts";

export interface Listed {
  readonly programs: readonly Program[];
  /** `NS.APP` to the latest version. */
  readonly versions: ReadonlyMap<string, string>;
}
type Cluster = Pick<CdapCluster, "api" | "namespaces">;

/** Applications in one question for details. */
const batch = 50;
export const appKey = ({ ns, app }: AppName): string => `${ns}.${app}`;

export class ProgramDirectory {
  readonly #cluster: Cluster;
  readonly #pace: Pace;
  /** `NS.APP@VERSION` to its programs. */
  readonly #known = new Map<string, readonly Program[]>();

  constructor(cluster: Cluster, pace: Pace) {
    this.#cluster = cluster;
    this.#pace = pace;
  }

  /** Null: those of the cluster file, else all but `system`. */
  async namespaces(wanted: readonly string[] | null): Promise<readonly string[]> {
    const named = wanted ?? this.#cluster.namespaces;
    if (named !== null) return named;
    await this.#pace.take();
    return (await this.#cluster.api.namespaces()).filter((name) => name !== "system");
  }

  /** Latest versions, sorted by name. */
  async apps(ns: string): Promise<readonly AppRecord[]> {
    await this.#pace.take();
    return (await this.#cluster.api.listApps(ns)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `apps` null: of every application. Throws when it cannot see. */
  async list(namespaces: readonly string[] | null, apps: readonly AppName[] | null = null): Promise<Listed> {
    const programs: Program[] = [];
    const versions = new Map<string, string>();
    const wanted = apps === null ? null : new Set(apps.map(appKey));
    const within = apps === null ? await this.namespaces(namespaces) : [...new Set(apps.map(({ ns }) => ns))];
    for (const ns of within) {
      const found = (await this.apps(ns)).filter(({ name }) => wanted === null || wanted.has(appKey({ ns, app: name })));
      await this.#learn(ns, found);
      for (const { name: app, version } of found) {
        versions.set(appKey({ ns, app }), version);
        programs.push(...(this.#known.get(`${appKey({ ns, app })}@${version}`) ?? []));
      }
    }
    this.#pace.programs = programs.length;
    return { programs, versions };
  }

  async #learn(ns: string, apps: readonly AppRecord[]): Promise<void> {
    const unknown = apps.filter(({ name, version }) => !this.#known.has(`${ns}.${name}@${version}`));
    for (const some of chunksOf(unknown, batch)) {
      await this.#pace.take();
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
