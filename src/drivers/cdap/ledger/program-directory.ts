// Every program that has runs, of all applications, and which of them may have runs without an end.
import type { AppPrograms } from "../observe/runs.ts";
import type { Sight } from "../observe/sight.ts";
import type { CdapCluster } from "../open-cluster.ts";
import type { AppName, Program } from "../step-names.ts";
import type { AppRecord } from "../wire/api.ts";

export interface Listed {
  readonly apps: readonly AppPrograms[];
  readonly programs: readonly Program[];
}
type Cluster = Pick<CdapCluster, "api" | "namespaces">;

export const appKey = ({ ns, app }: AppName): string => `${ns}.${app}`;

export class ProgramDirectory {
  readonly #cluster: Cluster;
  readonly #sight: Pick<Sight, "lister" | "details">;

  constructor(cluster: Cluster, sight: Pick<Sight, "lister" | "details">) {
    this.#cluster = cluster;
    this.#sight = sight;
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
    const found: AppPrograms[] = [];
    const wanted = apps === null ? null : new Set(apps.map(appKey));
    const within = apps === null ? await this.namespaces(namespaces) : [...new Set(apps.map(({ ns }) => ns))];
    for (const ns of within) {
      const listed = (await this.#sight.lister.list(ns))
        .filter((each) => wanted === null || wanted.has(appKey(each)))
        .toSorted((a, b) => (a.app < b.app ? -1 : 1));
      const digests = await this.#sight.details.of(
        ns,
        listed.map(({ app, latest }) => ({ app, version: latest.version, artifact: latest.artifact.version })),
      );
      for (const [index, { app, latest, hasOlder }] of listed.entries()) {
        const digest = digests[index] ?? null;
        // Deleted between two questions; the next list says so.
        if (digest !== null) found.push({ ns, app, latest: latest.version, hasOlder, programs: digest.programs });
      }
    }
    const programs = found.flatMap(({ ns, app, programs: own }) => own.map(({ type, program }): Program => ({ ns, app, type, program })));
    return { apps: found, programs };
  }
}
