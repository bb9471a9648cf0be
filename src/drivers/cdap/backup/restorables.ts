// What a backup can put back, object by object: what is wanted, what is there, and the call that makes it so (facts 3.6, 6).
import { StillwaterError } from "../../../model/errors.ts";
import { canonicalJson, type Json } from "../../../model/json.ts";
import type { Fence } from "../../../model/fence.ts";
import { exactMeaningOf, isRange, meaningOf, parseConfiguration, pluginArtifacts } from "../ledger/configuration.ts";
import type { AppName, RestoreKind } from "../step-names.ts";
import type { Answer, CdapApi } from "../wire/api.ts";
import { programTypes } from "../wire/programs.ts";
import { definitionOf } from "./schedule-definition.ts";
import { appFile, instanceFile, namespaceFile, readJson, type BackupFiles, type Manifest, type SecureKey } from "./files.ts";

export interface Restorable {
  readonly object: string;
  /** In the form that `read` gives: what does not count is left out of both. */
  readonly wanted: Json;
  readonly read: () => Promise<Json>;
  /** How many calls of `write` it takes at most; absent: one. What still differs then is told, not written again. */
  readonly calls?: number;
  readonly write: (fence: Fence) => Promise<Answer>;
}
type Tree = { readonly [key: string]: Json };
const isTree = (value: Json | undefined): value is Tree => value !== null && typeof value === "object" && !Array.isArray(value);
const listOf = (value: Json): readonly Tree[] => (Array.isArray(value) ? (value as readonly Json[]).filter(isTree) : []);
const textOf = (tree: Tree, key: string): string => (typeof tree[key] === "string" ? tree[key] : "");
const enc = encodeURIComponent;

export async function restorablesOf(
  api: CdapApi,
  files: BackupFiles,
  directory: string,
  manifest: Manifest,
  kind: RestoreKind,
  apps: readonly AppName[] | null,
  words: string | null,
): Promise<readonly Restorable[]> {
  const source = new Source(api, files, directory, manifest, apps);
  switch (kind) {
    case "namespaces":
      return source.perNamespace(async (ns) => source.namespace(ns));
    case "secure keys": {
      const open = words === null ? null : files.opener(words);
      return source.perNamespace(async (ns) => source.secureKeys(ns, open));
    }
    case "profiles":
      return [...(await source.profiles(null)), ...(await source.perNamespace(async (ns) => source.profiles(ns)))];
    case "preferences":
      return source.preferences();
    case "connections":
      return source.perNamespace(async (ns) => source.connections(ns));
    case "applications":
      return source.perApp(async (app) => source.application(app));
    case "schedules":
      return source.perApp(async (app) => source.schedules(app));
    case "runtime arguments":
      return source.runtimeArguments();
    case "drafts":
      return source.perNamespace(async (ns) => source.drafts(ns));
  }
}

class Source {
  readonly #api: CdapApi;
  readonly #files: BackupFiles;
  readonly #directory: string;
  readonly #manifest: Manifest;
  readonly #apps: readonly AppName[] | null;
  /** Namespace to `NAME VERSION` of the artefacts that are there. */
  readonly #there = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(api: CdapApi, files: BackupFiles, directory: string, manifest: Manifest, apps: readonly AppName[] | null) {
    this.#api = api;
    this.#files = files;
    this.#directory = directory;
    this.#manifest = manifest;
    this.#apps = apps;
  }
  #read(name: string): Promise<Json> {
    return readJson(this.#files, this.#directory, name);
  }
  async perNamespace(work: (ns: string) => Promise<readonly Restorable[]>): Promise<readonly Restorable[]> {
    const found: Restorable[] = [];
    for (const ns of Object.keys(this.#manifest.applications)) found.push(...(await work(ns)));
    return found;
  }
  #chosen(): readonly AppName[] {
    const all = Object.entries(this.#manifest.applications).flatMap(([ns, apps]) => apps.map((app): AppName => ({ ns, app })));
    return all.filter(({ ns, app }) => this.#apps === null || this.#apps.some((each) => each.ns === ns && each.app === app));
  }
  async perApp(work: (app: AppName) => Promise<readonly Restorable[]>): Promise<readonly Restorable[]> {
    const found: Restorable[] = [];
    for (const app of this.#chosen()) found.push(...(await work(app)));
    return found;
  }

  async namespace(ns: string): Promise<readonly Restorable[]> {
    const saved = await this.#read(namespaceFile(ns, "namespace"));
    if (!isTree(saved)) return [];
    const path = `/v3/namespaces/${enc(ns)}`;
    const of = (value: Json): Json => (isTree(value) ? { description: value["description"] ?? "", config: value["config"] ?? {} } : null);
    const wanted = of(saved);
    return [
      {
        object: `namespace ${ns}`,
        wanted,
        read: async () => of(await this.#api.findJson(path)),
        write: (fence) => this.#api.effect(fence, "PUT", path, wanted),
      },
    ];
  }
  /** Those whose values the backup has: compared by digest, so that no clear text is kept. Error SW3013 when they cannot be opened. */
  async secureKeys(ns: string, open: ((sealed: string) => string | null) | null): Promise<readonly Restorable[]> {
    const saved = (await this.#read(namespaceFile(ns, "securekeys"))) as readonly SecureKey[] | null;
    return (saved ?? []).flatMap(({ name, description, properties, sealed }): readonly Restorable[] => {
      if (sealed === undefined) return [];
      const value = open?.(sealed) ?? null;
      if (value === null)
        throw new StillwaterError(
          "SW3013",
          open === null
            ? "Secure keys of this backup are encrypted, and the cluster file names no backupKey."
            : "Secure keys of this backup cannot be opened with the backupKey of the cluster file.",
          { object: `secure key ${name} of ${ns}`, remedy: "Name the key that the backup was made with under `backupKey` in the cluster file." },
        );
      const path = `/v3/namespaces/${enc(ns)}/securekeys/${enc(name)}`;
      const digest = (text: string): string => this.#files.sha256(new TextEncoder().encode(text));
      return [
        {
          object: `secure key ${name} of ${ns}`,
          wanted: digest(value),
          read: async () => {
            const now = await this.#api.secureKey(ns, name);
            return now === null ? null : digest(now);
          },
          write: (fence) => this.#api.effect(fence, "PUT", path, { description, data: value, properties }),
        },
      ];
    });
  }
  /** Of a namespace, or of the instance; `native` is CDAP's own. Definition first, then whether it is enabled: one call each (facts 3.6). */
  async profiles(ns: string | null): Promise<readonly Restorable[]> {
    const at = ns === null ? "/v3" : `/v3/namespaces/${enc(ns)}`;
    const instance = ns === null ? await this.#read(instanceFile) : null;
    const saved = ns === null ? (isTree(instance) ? (instance["profiles"] ?? null) : null) : await this.#read(namespaceFile(ns, "profiles"));
    const definition = (profile: Tree): Tree => ({
      label: profile["label"] ?? "",
      description: profile["description"] ?? "",
      provisioner: profile["provisioner"] ?? null,
    });
    const of = (value: Json): Json => (isTree(value) ? { definition: definition(value), status: value["status"] ?? "ENABLED" } : null);
    const own = listOf(saved).filter((profile) => ns !== null || textOf(profile, "name") !== "native");
    return own.map((profile): Restorable => {
      const path = `${at}/profiles/${enc(textOf(profile, "name"))}`;
      return {
        object: `profile ${ns === null ? "" : `${ns}.`}${textOf(profile, "name")}`,
        wanted: of(profile),
        calls: 2,
        read: async () => of(await this.#api.findJson(path)),
        write: async (fence) => {
          const now = await this.#api.findJson(path);
          if (!isTree(now) || canonicalJson(definition(now)) !== canonicalJson(definition(profile)))
            return this.#api.effect(fence, "PUT", path, definition(profile));
          return this.#api.effect(fence, "POST", `${path}/${textOf(profile, "status") === "DISABLED" ? "disable" : "enable"}`);
        },
      };
    });
  }
  async preferences(): Promise<readonly Restorable[]> {
    const found: Restorable[] = [];
    if (this.#apps === null) {
      const instance = await this.#read(instanceFile);
      if (isTree(instance) && isTree(instance["preferences"])) found.push(this.#map("preferences", "/v3/preferences", instance["preferences"]));
      for (const ns of Object.keys(this.#manifest.applications)) {
        const saved = await this.#read(namespaceFile(ns, "preferences"));
        if (isTree(saved)) found.push(this.#map(`preferences of ${ns}`, `/v3/namespaces/${enc(ns)}/preferences`, saved));
      }
    }
    for (const { ns, app } of this.#chosen()) {
      const saved = await this.#read(appFile(ns, app, "preferences"));
      if (isTree(saved)) found.push(this.#map(`preferences of ${ns}.${app}`, `/v3/namespaces/${enc(ns)}/apps/${enc(app)}/preferences`, saved));
    }
    return found;
  }
  /** A map of texts; that there is none is the same as an empty one. */
  #map(object: string, path: string, wanted: Tree): Restorable {
    return {
      object,
      wanted,
      read: async () => (await this.#api.findJson(path)) ?? {},
      write: (fence) => this.#api.effect(fence, "PUT", path, wanted),
    };
  }
  async connections(ns: string): Promise<readonly Restorable[]> {
    return this.#studio(ns, "connections", "name", ["name", "connectionType", "description", "plugin", "preConfigured", "isDefault"]);
  }
  async drafts(ns: string): Promise<readonly Restorable[]> {
    return this.#studio(ns, "drafts", "id", ["name", "description", "artifact", "config"]);
  }
  async #studio(ns: string, what: "connections" | "drafts", id: string, keys: readonly string[]): Promise<readonly Restorable[]> {
    const at = `/v3/namespaces/system/apps/pipeline/services/studio/methods/v1/contexts/${enc(ns)}/${what}`;
    const of = (value: Json): Json =>
      isTree(value) ? Object.fromEntries(keys.flatMap((key) => (value[key] == null ? [] : [[key, value[key]]]))) : null;
    return listOf(await this.#read(namespaceFile(ns, what))).map((saved): Restorable => {
      const path = `${at}/${enc(textOf(saved, id))}`;
      return {
        object: `${what.slice(0, -1)} ${textOf(saved, id)} of ${ns}`,
        wanted: of(saved),
        read: async () => of(await this.#api.findJson(path)),
        write: (fence) => this.#api.effect(fence, "PUT", path, saved),
      };
    });
  }

  #artefacts(ns: string): Promise<ReadonlySet<string>> {
    const known = this.#there.get(ns) ?? this.#api.artifacts(ns).then((all) => new Set(all.map(({ name, version }) => `${name} ${version}`)));
    this.#there.set(ns, known);
    return known;
  }
  /**
   * A5 with the configuration as an object, without `change` (facts 3.1). With the artefacts that the backup names where all of them are there: a way back
   * from an upgrade differs in nothing else. Where one is not, versions do not count in the comparison (facts 6).
   */
  async application({ ns, app }: AppName): Promise<readonly Restorable[]> {
    const saved = await this.#read(appFile(ns, app, "detail"));
    if (!isTree(saved)) return [];
    const configuration = textOf(saved, "configuration");
    const tree = isTree(saved["artifact"]) ? saved["artifact"] : {};
    const artifact = { name: textOf(tree, "name"), version: textOf(tree, "version"), scope: textOf(tree, "scope").toUpperCase() };
    const there = await this.#artefacts(ns);
    const exact = [artifact, ...pluginArtifacts(configuration)].every(
      ({ name, version }) => version === null || isRange(version) || there.has(`${name} ${version}`),
    );
    const of = ({ name, version }: { readonly name: string; readonly version: string }, text: string | null | undefined): Json =>
      exact ? { artifact: `${name} ${version}`, configuration: exactMeaningOf(text) } : { artifact: name, configuration: meaningOf(text) };
    const request = {
      artifact,
      config: parseConfiguration(configuration),
      ...(typeof saved["description"] === "string" ? { description: saved["description"] } : {}),
      ...(typeof saved["principal"] === "string" ? { principal: saved["principal"] } : {}),
    };
    return [
      {
        object: `application ${ns}.${app}`,
        wanted: of(artifact, configuration),
        read: async () => {
          const now = await this.#api.appDetail(ns, app);
          return now === null ? null : of(now.artifact, now.configuration);
        },
        // Of an application that is there, triggers that people have added stay: schedules are compared by themselves.
        write: async (fence) =>
          this.#api.deployApp(fence, ns, app, { ...request, "app.deploy.update.schedules": (await this.#api.appDetail(ns, app)) === null }),
      },
    ];
  }

  /** Definition first, then its state: one call each. */
  async schedules({ ns, app }: AppName): Promise<readonly Restorable[]> {
    const saved = listOf(await this.#read(appFile(ns, app, "schedules")));
    if (saved.length === 0) return [];
    const now = async (name: string): Promise<Json> => (await this.#api.schedules(ns, app)).find((each) => each.name === name) as unknown as Json;
    return saved.map((schedule): Restorable => {
      const name = textOf(schedule, "name");
      const status = textOf(schedule, "status");
      const wanted: Json = { definition: definitionOf(schedule), status };
      const at = `/v3/namespaces/${enc(ns)}/apps/${enc(app)}/schedules/${enc(name)}`;
      return {
        object: `schedule ${ns}.${app}.${name}`,
        wanted,
        calls: 2,
        read: async () => {
          const there = await now(name);
          return isTree(there) ? { definition: definitionOf(there), status: textOf(there, "status") } : null;
        },
        write: async (fence) => {
          const there = await now(name);
          if (!isTree(there)) return this.#api.effect(fence, "PUT", at, definitionOf(schedule));
          if (canonicalJson(definitionOf(there)) !== canonicalJson(definitionOf(schedule)))
            return this.#api.effect(fence, "POST", `${at}/update`, definitionOf(schedule));
          return this.#api.setSchedule(fence, ns, app, name, status === "SCHEDULED" ? "enable" : "disable");
        },
      };
    });
  }

  async runtimeArguments(): Promise<readonly Restorable[]> {
    const found: Restorable[] = [];
    const chosen = new Set(this.#chosen().map(({ ns, app }) => `namespaces/${ns}/apps/${app}`));
    for (const name of Object.keys(this.#manifest.files)) {
      const [, app = "", type = "", program = ""] = /^(namespaces\/[^/]+\/apps\/[^/]+)\/programs\/([^/]+)\/(.+)\.json$/.exec(name) ?? [];
      if (!chosen.has(app) || !programTypes.some((each) => each === type)) continue;
      const saved = await this.#read(name);
      if (!isTree(saved) || !isTree(saved["runtimeargs"]) || Object.keys(saved["runtimeargs"]).length === 0) continue;
      const [, ns = "", , appId = ""] = app.split("/");
      found.push(
        this.#map(
          `runtime arguments of ${ns}.${appId}.${type}.${program}`,
          `/v3/namespaces/${enc(ns)}/apps/${enc(appId)}/${type}/${enc(program)}/runtimeargs`,
          saved["runtimeargs"],
        ),
      );
    }
    return found;
  }
}
