// All definitions of an instance, written file by file (facts 6): the vendor's export has applications only, so schedules, preferences, arguments, profiles,
// connections, drafts and names of artefacts are walked. Values of secure keys come back in clear text: they stay out, or are sealed.
import { z } from "zod";
import { StillwaterError } from "../../../model/errors.ts";
import { parsedJson } from "../../../model/json-schema.ts";
import type { Json } from "../../../model/json.ts";
import type { CdapCluster } from "../open-cluster.ts";
import { CdapRefused } from "../wire/errors.ts";
import { chunksOf, inParallel } from "../wire/parallel.ts";
import { programType, typeInBody, type ProgramId } from "../wire/programs.ts";
import {
  appFile,
  exportFile,
  instanceFile,
  manifestName,
  namespaceFile,
  programFile,
  secureKeysNote,
  type BackupFiles,
  type FileFact,
  type Manifest,
  type SecureKey,
} from "./files.ts";

const lanes = 16;
const detailBatch = 50;
const runBatch = 100;
const detailItems = z.array(z.looseObject({ statusCode: z.number(), detail: parsedJson.optional() }));
const runItems = z.array(z.looseObject({ appId: z.string(), programType: z.string(), programId: z.string(), runs: parsedJson.optional() }));

export class Collector {
  readonly #cluster: CdapCluster;
  readonly #files: BackupFiles;
  readonly #directory: string;
  readonly #written: Record<string, FileFact> = {};
  readonly #notes: string[] = [];
  /** Kind and status to the paths that were answered so. */
  readonly #absent = new Map<string, readonly string[]>();
  #seal: ((text: string) => string) | null = null;

  constructor(cluster: CdapCluster, files: BackupFiles, directory: string) {
    this.#cluster = cluster;
    this.#files = files;
    this.#directory = directory;
  }

  /** Everything but the manifest, which `finish` writes once the claim was proved. */
  async collect(namespaces: readonly string[]): Promise<Manifest> {
    const { api, cluster } = this.#cluster;
    await this.#files.begin(this.#directory);
    const release = await api.version();
    const listed = await Promise.all(namespaces.map(async (ns) => [ns, await api.listApps(ns)] as const));
    const applications = Object.fromEntries(listed.map(([ns, apps]) => [ns, apps.map(({ name }) => name).toSorted()]));
    const exported = await this.#export(applications);
    await this.#put(instanceFile, {
      version: release,
      services: { ...(await api.servicesStatus()) },
      budgetSeconds: (await api.config())?.["app.program.max.stop.seconds"] ?? null,
      preferences: await this.#find("/v3/preferences"),
      profiles: await this.#find("/v3/profiles"),
    });
    for (const [ns, apps] of listed) {
      await this.#namespace(ns);
      // Every version of every application, in as many answers as there are pages.
      const versions = Map.groupBy(await api.listApps(ns, "all"), ({ name }) => name);
      for (const some of chunksOf(apps, detailBatch))
        await this.#apps(
          ns,
          some.map(({ name, version }) => ({ app: name, version, versions: (versions.get(name) ?? []).map((record) => record.version) })),
        );
    }
    this.#notes.push("data, run records, logs and metrics are not in it: they live in the storage");
    return {
      version: 1,
      cluster,
      release,
      createdAt: new Date(this.#cluster.now()).toISOString(),
      applications,
      export: exported,
      notes: [...this.#notes, ...this.#absences()],
      files: this.#written,
    };
  }
  async finish(manifest: Manifest): Promise<void> {
    await this.#files.write(this.#directory, manifestName, JSON.stringify(manifest));
  }

  async #put(name: string, value: Json): Promise<void> {
    this.#written[name] = await this.#files.write(this.#directory, name, JSON.stringify(value));
  }
  /** Null, with a note, where this release or this principal has no such thing: what a backup leaves out is said. */
  async #find(path: string): Promise<Json> {
    try {
      const found = await this.#cluster.api.findJson(path);
      if (found === null) this.#note(path, "404");
      return found;
    } catch (error) {
      if (!(error instanceof CdapRefused) || error.status === 401) throw error;
      this.#note(path, String(error.status));
      return null;
    }
  }
  #note(path: string, status: string): void {
    const kind = `${path.replace(/^.*\/(?=[^/]+$)/, "").replace(/\?.*$/, "")} ${status}`;
    this.#absent.set(kind, [...(this.#absent.get(kind) ?? []), path]);
  }
  /** What was not there to be read, or might not be: where, so that whoever misses it can look. */
  #absences(): readonly string[] {
    return [...this.#absent].map(([kind, [first = "", ...more]]) => {
      const [what = "", status = ""] = kind.split(" ");
      return `${what}: ${first}${more.length === 0 ? "" : ` and ${String(more.length)} more`} answered with ${status}`;
    });
  }

  /** A17: its digest, its entries, and as many applications as are listed (facts 6). Builds with several versions may have an entry twice. */
  async #export(applications: Manifest["applications"]): Promise<Manifest["export"]> {
    // Once more for a transfer that went wrong; a server that says so twice means it.
    const found = (await this.#exported()) ?? (await this.#exported());
    if (found === null)
      throw new StillwaterError("SW3013", "The export is not what the server says it is: its digest differs, twice.", { object: "/v3/export/apps" });
    if (found === "none") {
      this.#notes.push("this release has no export of its own: applications were read one by one");
      return null;
    }
    const entries = new Set<string>();
    for (const { name, content } of this.#files.unzip(found.zip)) {
      JSON.parse(new TextDecoder().decode(content));
      entries.add(name);
    }
    const missing = Object.entries(applications).flatMap(([ns, apps]) =>
      apps.flatMap((app) => (entries.has(`${ns}/${app}.json`) ? [] : [`${ns}.${app}`])),
    );
    if (missing.length > 0)
      throw new StillwaterError("SW3013", `The export lacks ${String(missing.length)} applications: ${missing.slice(0, 3).join(", ")}.`, {
        object: "/v3/export/apps",
      });
    this.#written[exportFile] = await this.#files.write(this.#directory, exportFile, found.zip);
    return { entries: entries.size, digest: found.stated ? "verified" : "not stated" };
  }

  /** Null: it does not have the digest that the server states. */
  async #exported(): Promise<{ readonly zip: Uint8Array; readonly stated: boolean } | "none" | null> {
    const found = await this.#cluster.api.exportApps();
    if (found === null) return "none";
    const [, stated] = /^sha-256=(.+)$/i.exec(found.digest ?? "") ?? [];
    if (stated === undefined) return { zip: found.zip, stated: false };
    return Buffer.from(stated, "base64").toString("hex") === this.#files.sha256(found.zip) ? { zip: found.zip, stated: true } : null;
  }

  async #namespace(ns: string): Promise<void> {
    const at = `/v3/namespaces/${encodeURIComponent(ns)}`;
    const studio = `/v3/namespaces/system/apps/pipeline/services/studio/methods/v1/contexts/${encodeURIComponent(ns)}`;
    const parts: readonly (readonly [string, string])[] = [
      ["namespace", at],
      ["preferences", `${at}/preferences`],
      ["profiles", `${at}/profiles?includeSystem=false`],
      ["artifacts", `${at}/artifacts`],
      ["connections", `${studio}/connections`],
      ["drafts", `${studio}/drafts?includeConfig=true`],
    ];
    await inParallel(parts, lanes, async ([what, path]) => this.#put(namespaceFile(ns, what), await this.#find(path)));
    await this.#put(namespaceFile(ns, "securekeys"), await this.#secureKeys(ns, keysIn(await this.#find(`${at}/securekeys`))));
  }

  /** With their values only when the operator has given a key to seal them with. */
  async #secureKeys(ns: string, keys: readonly SecureKey[]): Promise<Json> {
    if (keys.length === 0) return [];
    const words = await this.#cluster.backupKey();
    if (words === null) {
      const names = keys.map(({ name }) => name).join(", ");
      this.#notes.push(`${secureKeysNote} of ${ns} by name only (no backupKey in the cluster file to encrypt values with): ${names}`);
      return [...keys];
    }
    this.#seal ??= this.#files.sealer(words);
    const seal = this.#seal;
    const unreadable: string[] = [];
    const sealed = await inParallel(keys, lanes, async (key): Promise<SecureKey> => {
      try {
        const value = await this.#cluster.api.secureKey(ns, key.name);
        if (value !== null) return { ...key, sealed: seal(value) };
      } catch (error) {
        if (!(error instanceof CdapRefused) || error.status === 401) throw error;
      }
      unreadable.push(key.name);
      return key;
    });
    if (unreadable.length > 0)
      this.#notes.push(`${secureKeysNote} of ${ns} by name only (their values may not be read): ${unreadable.toSorted().join(", ")}`);
    return [...sealed];
  }

  async #apps(ns: string, apps: readonly { readonly app: string; readonly version: string; readonly versions: readonly string[] }[]): Promise<void> {
    const { api } = this.#cluster;
    const body = JSON.stringify(apps.map(({ app, version }) => ({ appId: app, version })));
    const answered = await api.read(detailItems, {
      path: `/v3/namespaces/${encodeURIComponent(ns)}/appdetail`,
      method: "POST",
      body,
      timeoutMs: 90_000,
    });
    const programs: ProgramId[] = [];
    await inParallel(apps, lanes, async ({ app, versions }, index) => {
      const detail = answered[index]?.detail ?? null;
      if (detail === null)
        throw new StillwaterError("SW2106", `${ns}.${app} has vanished while it was backed up.`, {
          object: `${ns}.${app}`,
          remedy: "Back up again.",
        });
      const at = `/v3/namespaces/${encodeURIComponent(ns)}/apps/${encodeURIComponent(app)}`;
      const own = programsIn(detail).map(({ type, program }): ProgramId => ({ ns, app, type, program }));
      programs.push(...own);
      await this.#put(appFile(ns, app, "detail"), detail);
      await this.#put(appFile(ns, app, "versions"), versions);
      // Only workflows have schedules.
      if (own.some(({ type }) => type === "workflows")) await this.#put(appFile(ns, app, "schedules"), await this.#find(`${at}/schedules`));
      await this.#put(appFile(ns, app, "preferences"), await this.#find(`${at}/preferences`));
    });
    const runs = await this.#latestRuns(ns, programs);
    await inParallel(programs, lanes, async (id) => {
      const at = `/v3/namespaces/${encodeURIComponent(ns)}/apps/${encodeURIComponent(id.app)}/${id.type}/${encodeURIComponent(id.program)}`;
      // What is saved as runtime arguments of a program is its level of the preferences (facts 3.4): asked for once.
      const [spec, runtimeargs] = [await this.#find(at), await this.#find(`${at}/runtimeargs`)];
      await this.#put(programFile(ns, id.app, id.type, id.program), { spec, runtimeargs, latestRuns: runs.get(keyOf(id)) ?? null });
    });
  }
  /** P8, in batches; evidence only. */
  async #latestRuns(ns: string, programs: readonly ProgramId[]): Promise<ReadonlyMap<string, Json>> {
    const found = new Map<string, Json>();
    for (const some of chunksOf(programs, runBatch)) {
      const body = JSON.stringify(some.map(({ app, type, program }) => ({ appId: app, programType: typeInBody(type), programId: program })));
      const items = await this.#cluster.api.read(runItems, { path: `/v3/namespaces/${encodeURIComponent(ns)}/runs`, method: "POST", body });
      for (const { appId, programType: name, programId, runs } of items)
        found.set(`${appId} ${programType(name) ?? name} ${programId}`, runs ?? null);
    }
    return found;
  }
}
const keyOf = ({ app, type, program }: ProgramId): string => `${app} ${type} ${program}`;

const programList = z.array(z.looseObject({ type: z.string(), name: z.string() }));
function programsIn(detail: Json): readonly Pick<ProgramId, "type" | "program">[] {
  const held = detail !== null && typeof detail === "object" && "programs" in detail ? detail["programs"] : [];
  return programList
    .catch([])
    .parse(held)
    .flatMap(({ type, name }) => {
      const category = programType(type);
      return category === null ? [] : [{ type: category, program: name }];
    });
}
/** Releases answer with a map of names to descriptions, or with a list. */
export function keysIn(keys: Json): readonly SecureKey[] {
  if (keys === null || typeof keys !== "object") return [];
  const parsed = Array.isArray(keys)
    ? secureKeyList.parse(keys)
    : Object.entries(keys).map(([name, description]) => ({ name, description: typeof description === "string" ? description : "", properties: {} }));
  return parsed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
const secureKeyList = z.array(
  z.object({
    name: z.string(),
    description: z
      .string()
      .nullish()
      .transform((text) => text ?? ""),
    properties: z
      .record(z.string(), z.string())
      .nullish()
      .transform((map) => map ?? {}),
  }),
);
