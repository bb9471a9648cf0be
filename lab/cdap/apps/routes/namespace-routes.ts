// Namespaces and what belongs to one as a whole (facts 3.6): its description and configuration, its repository, its secure keys and compute profiles.
import { ServerError, badRequest, conflict, json, notFound, text } from "../../logic/answers.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import { siteOf } from "../../logic/settings.ts";
import { param, parseObject } from "./request.ts";

interface Namespace {
  readonly description: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly generation: number;
}
interface SecureKey {
  readonly description: string;
  readonly data: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly lastModifiedTime: number;
}
interface Profile {
  readonly label: string;
  readonly description: string;
  readonly status: "ENABLED" | "DISABLED";
  readonly provisioner: Readonly<Record<string, unknown>>;
  readonly created: number;
}
type NamespaceState = Record<string, Namespace>;
type ByNamespace<T> = Record<string, Record<string, T>>;

const RESERVED = ["default", "system", "cdap"] as const;
const NATIVE: Profile = {
  label: "Native",
  description: "Runs pipelines natively",
  status: "ENABLED",
  provisioner: { name: "native", properties: [] },
  created: 0,
};
const recordOf = (name: string, { description, config, generation }: Namespace): object => ({ name, description, config, generation });

export class Namespaces {
  readonly #cluster: LabCluster;
  readonly #state: NamespaceState;
  readonly #profiles: ByNamespace<Profile>;

  constructor(cluster: LabCluster) {
    this.#cluster = cluster;
    this.#state = cluster.part<NamespaceState>("namespaces", () => ({
      system: { description: "The system namespace", config: {}, generation: 0 },
      default: { description: "Default Namespace", config: {}, generation: 0 },
    }));
    this.#profiles = cluster.part<ByNamespace<Profile>>("profiles", () => ({ system: { native: NATIVE } }));
  }
  get names(): readonly string[] {
    return Object.keys(this.#state);
  }
  /** Error 404. */
  readonly of = (call: Call): string => {
    const name = param(call, "ns");
    if (this.#state[name] === undefined) throw notFound(`namespace:${name}`);
    return name;
  };
  profileEnabled(namespace: string, profile: string): boolean | null {
    const found = this.#profiles[namespace]?.[profile];
    return found === undefined ? null : found.status === "ENABLED";
  }

  /** `deleted`: everything in it goes, too; error 409 while something runs in it. */
  register(deleted: (namespace: string) => void): void {
    const cluster = this.#cluster;
    const state = this.#state;
    // The namespace `system` is in no list.
    cluster.route("GET", "/v3/namespaces", () =>
      json(Object.entries(state).flatMap(([name, each]) => (name === "system" ? [] : [recordOf(name, each)]))),
    );
    cluster.route("GET", "/v3/namespaces/{ns}", (call) => {
      const name = this.of(call);
      return json(recordOf(name, state[name] ?? { description: "", config: {}, generation: 0 }));
    });
    cluster.route("PUT", "/v3/namespaces/{ns}", (call) => {
      const name = param(call, "ns");
      if (!/^[a-zA-Z0-9_]+$/.test(name)) throw badRequest(`Invalid namespace id '${name}': it may hold letters, digits and '_'.`);
      if (state[name] === undefined && RESERVED.some((each) => each === name)) throw badRequest(`Cannot create the reserved namespace '${name}'.`);
      if (state[name] !== undefined) return text(200, `Namespace '${name}' already exists.`);
      const { description = "", config = {} } = (call.body === "" ? {} : parseObject(call.body)) as Partial<Namespace>;
      state[name] = { description, config, generation: cluster.clock.now() };
      return this.#done(`Namespace '${name}' created successfully.`);
    });
    cluster.route("PUT", "/v3/namespaces/{ns}/properties", (call) => {
      const name = this.of(call);
      const before = state[name];
      const { description = before?.description ?? "", config = {} } = parseObject(call.body) as Partial<Namespace>;
      state[name] = { description, config: { ...before?.config, ...config }, generation: before?.generation ?? 0 };
      return this.#done(`Updated properties for namespace '${name}'.`);
    });
    cluster.route("DELETE", "/v3/unrecoverable/namespaces/{ns}", (call) => {
      const name = this.of(call);
      if (siteOf(cluster.settings)["enable.unrecoverable.reset"] !== "true")
        throw new ServerError(403, `Namespace '${name}' cannot be deleted because 'enable.unrecoverable.reset' is not enabled.`);
      deleted(name);
      if (name !== "default") delete state[name];
      return this.#done("");
    });
    this.#repository();
    this.#secureKeys();
    this.#profileRoutes("/v3", () => "system");
    this.#profileRoutes("/v3/namespaces/{ns}", this.of);
  }

  #done(words: string) {
    this.#cluster.changed();
    return text(200, words);
  }
  #repository(): void {
    const repositories = this.#cluster.part<Record<string, object>>("repositories", () => ({}));
    const path = "/v3/namespaces/{ns}/repository";
    this.#cluster.route("GET", path, (call) => {
      const found = repositories[this.of(call)];
      if (found === undefined) throw notFound(`repository:${param(call, "ns")}`);
      return json(found);
    });
    this.#cluster.route("PUT", path, (call) => {
      repositories[this.of(call)] = parseObject(call.body);
      return this.#done("");
    });
  }
  #secureKeys(): void {
    const keys = this.#cluster.part<ByNamespace<SecureKey>>("secure-keys", () => ({}));
    const path = "/v3/namespaces/{ns}/securekeys";
    const key = (call: Call): SecureKey => {
      const found = keys[this.of(call)]?.[param(call, "key")];
      if (found === undefined) throw notFound(`securekey:${param(call, "ns")}.${param(call, "key")}`);
      return found;
    };
    const metadata = (name: string, { description, lastModifiedTime, properties }: SecureKey): object => ({
      name,
      description,
      lastModifiedTime,
      properties,
    });
    this.#cluster.route("GET", path, (call) => json(Object.entries(keys[this.of(call)] ?? {}).map(([name, each]) => metadata(name, each))));
    this.#cluster.route("GET", `${path}/{key}`, (call) => text(200, key(call).data), { admin: true });
    this.#cluster.route("GET", `${path}/{key}/metadata`, (call) => json(metadata(param(call, "key"), key(call))));
    this.#cluster.route("PUT", `${path}/{key}`, (call) => {
      const { description = "", data, properties = {} } = parseObject(call.body) as Partial<SecureKey>;
      if (data === undefined) throw badRequest("The data field must be present in the request body.");
      (keys[this.of(call)] ??= {})[param(call, "key")] = { description, data, properties, lastModifiedTime: this.#cluster.clock.now() };
      return this.#done("");
    });
    this.#cluster.route("DELETE", `${path}/{key}`, (call) => {
      key(call);
      delete keys[this.of(call)]?.[param(call, "key")];
      return this.#done("");
    });
  }
  #profileRoutes(above: string, namespaceOf: (call: Call) => string): void {
    const profiles = this.#profiles;
    const path = `${above}/profiles`;
    const list = (namespace: string): object[] => Object.entries(profiles[namespace] ?? {}).map(([name, each]) => told(namespace, name, each));
    const told = (namespace: string, name: string, { label, description, status, provisioner, created }: Profile): object => ({
      name,
      label,
      description,
      scope: namespace === "system" ? "SYSTEM" : "USER",
      status,
      provisioner,
      created,
    });
    const find = (call: Call): Profile => {
      const found = profiles[namespaceOf(call)]?.[param(call, "profile")];
      if (found === undefined) throw notFound(`profile:${namespaceOf(call)}.${param(call, "profile")}`);
      return found;
    };
    const set = (call: Call, profile: Profile): void => {
      (profiles[namespaceOf(call)] ??= {})[param(call, "profile")] = profile;
    };
    this.#cluster.route("GET", path, (call) => {
      const namespace = namespaceOf(call);
      return json([...list(namespace), ...(namespace !== "system" && call.query.get("includeSystem") === "true" ? list("system") : [])]);
    });
    this.#cluster.route("GET", `${path}/{profile}`, (call) => json(told(namespaceOf(call), param(call, "profile"), find(call))));
    this.#cluster.route("PUT", `${path}/{profile}`, (call) => {
      const { label = param(call, "profile"), description = "", provisioner } = parseObject(call.body) as Partial<Profile>;
      if (provisioner === undefined) throw badRequest("Missing provisioner in the profile.");
      const status = profiles[namespaceOf(call)]?.[param(call, "profile")]?.status ?? "ENABLED";
      set(call, { label, description, status, provisioner, created: Math.floor(this.#cluster.clock.now() / 1_000) });
      return this.#done("");
    });
    this.#cluster.route("DELETE", `${path}/{profile}`, (call) => {
      if (find(call).status === "ENABLED") throw conflict(`Profile ${param(call, "profile")} must be disabled before it can be deleted.`);
      delete profiles[namespaceOf(call)]?.[param(call, "profile")];
      return this.#done("");
    });
    for (const [action, status] of [
      ["enable", "ENABLED"],
      ["disable", "DISABLED"],
    ] as const)
      this.#cluster.route("POST", `${path}/{profile}/${action}`, (call) => {
        const found = find(call);
        if (found.status === status) throw conflict(`Profile ${param(call, "profile")} is already ${status.toLowerCase()}.`);
        set(call, { ...found, status });
        return this.#done("");
      });
  }
}
