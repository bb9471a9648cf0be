import type { Clock } from "../../../kit/clock.ts";
import type { Api, App, Environment, Grant } from "../entities.ts";
import type { Definitions } from "./management.ts";

export interface CachesOptions {
  readonly clock: Clock;
  readonly fieldCacheMs: number;
  /** Asks the application; null: it does not answer. */
  fetch(): Promise<Definitions | null>;
}
const grantKey = (app: number, api: number, environment: Environment): string => `${String(app)}/${String(api)}/${environment}`;

/**
 * What the gateway knows of the application without asking it (facts 2.4). Credentials, definitions and API-level grants are kept until the application says
 * otherwise; what was never used is not kept, and refused while nobody can be asked. Field-level grants are good for a while only, and then what can no
 * longer be checked is open: the vendor's own choice.
 */
export class Caches {
  readonly #options: CachesOptions;
  readonly #apps = new Map<string, App>();
  readonly #apis = new Map<number, Api>();
  readonly #grants = new Set<string>();
  readonly #fields = new Map<string, { readonly fields: readonly string[] | null; readonly at: number }>();

  constructor(options: CachesOptions) {
    this.#options = options;
  }

  /** Everything that is kept, once more from the application, if it answers. */
  async refresh(): Promise<void> {
    const found = await this.#options.fetch();
    if (found === null) return;
    for (const key of this.#apps.keys()) replace(this.#apps, key, appIn(found, key));
    for (const id of this.#apis.keys())
      replace(
        this.#apis,
        id,
        found.apis.find((api) => api.id === id),
      );
    const granted = new Map(found.grants.map((grant) => [grantKey(grant.app, grant.api, grant.environment), grant]));
    for (const key of this.#grants) if (!granted.has(key)) this.#grants.delete(key);
    const at = this.#options.clock.now();
    for (const key of this.#fields.keys()) {
      const grant = granted.get(key);
      replace(this.#fields, key, grant === undefined ? undefined : { fields: grant.fields, at });
    }
  }

  /** Null: nobody knows this key. */
  async app(key: string): Promise<App | null> {
    const kept = this.#apps.get(key);
    if (kept !== undefined) return kept;
    const found = await this.#options.fetch();
    const app = found === null ? undefined : appIn(found, key);
    replace(this.#apps, key, app);
    return app ?? null;
  }

  /** Definitions in development are the application's alone; null: there is none, or nobody can be asked. */
  async api(id: number, environment: Environment): Promise<Api | null | "unreachable"> {
    const kept = environment === "PROD" ? this.#apis.get(id) : undefined;
    if (kept !== undefined) return kept;
    const found = await this.#options.fetch();
    if (found === null) return "unreachable";
    const api = found.apis.find((each) => each.id === id && each.environments.includes(environment));
    if (environment === "PROD") replace(this.#apis, id, api);
    return api ?? null;
  }

  async isGranted(app: number, api: number, environment: Environment): Promise<boolean> {
    const key = grantKey(app, api, environment);
    if (this.#grants.has(key)) return true;
    const found = await this.#options.fetch();
    if (found === null || grantIn(found, key) === undefined) return false;
    this.#grants.add(key);
    return true;
  }

  /** Fields that may be answered; null: every one. */
  async fields(app: number, api: number, environment: Environment): Promise<readonly string[] | null> {
    const key = grantKey(app, api, environment);
    const now = this.#options.clock.now();
    const kept = this.#fields.get(key);
    if (kept !== undefined && now - kept.at < this.#options.fieldCacheMs) return kept.fields;
    const found = await this.#options.fetch();
    if (found === null) return null;
    const grant = grantIn(found, key);
    if (grant === undefined) return [];
    this.#fields.set(key, { fields: grant.fields, at: now });
    return grant.fields;
  }
}

const appIn = ({ apps }: Definitions, key: string): App | undefined => apps.find((app) => app.key === key);
const grantIn = ({ grants }: Definitions, key: string): Grant | undefined =>
  grants.find((grant) => grantKey(grant.app, grant.api, grant.environment) === key);
function replace<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
