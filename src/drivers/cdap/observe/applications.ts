// The applications of one namespace, each with its latest version (facts 3.1: the list has every version where a release keeps several).
import { atATime, type AppRecord, type CdapApi } from "../wire/api.ts";
import { inParallel } from "../wire/parallel.ts";

export interface ListedApp {
  readonly ns: string;
  readonly app: string;
  readonly latest: AppRecord;
  readonly hasOlder: boolean;
}

export class AppLister {
  readonly #api: CdapApi;
  /** Application to the versions that it had when its latest was asked for. */
  readonly #asked = new Map<string, { readonly versions: string; readonly latest: AppRecord }>();
  constructor(api: CdapApi) {
    this.#api = api;
  }

  async list(ns: string): Promise<readonly ListedApp[]> {
    const byName = Map.groupBy(await this.#api.listApps(ns, "all"), ({ name }) => name);
    const found = await inParallel([...byName], atATime, async ([app, records]): Promise<readonly ListedApp[]> => {
      const latest = latestOf(records) ?? (await this.#ask(ns, app, records));
      return latest === null ? [] : [{ ns, app, latest, hasOlder: records.length > 1 }];
    });
    return found.flat();
  }

  /** Where the list does not say which is the latest, the application does. Null: it has vanished. */
  async #ask(ns: string, app: string, records: readonly AppRecord[]): Promise<AppRecord | null> {
    const key = `${ns} ${app}`;
    const versions = records.map(({ version, artifact }) => `${version} ${artifact.version}`).join("\n");
    const known = this.#asked.get(key);
    if (known?.versions === versions) return known.latest;
    const detail = await this.#api.appDetail(ns, app);
    if (detail === null) return null;
    const latest: AppRecord = records.find(({ version }) => version === detail.appVersion) ?? {
      name: app,
      version: detail.appVersion,
      artifact: detail.artifact,
    };
    this.#asked.set(key, { versions, latest });
    return latest;
  }
}

function latestOf(records: readonly AppRecord[]): AppRecord | null {
  if (records.length === 1) return records[0] ?? null;
  return records.find(({ change }) => change?.latest === true) ?? null;
}
