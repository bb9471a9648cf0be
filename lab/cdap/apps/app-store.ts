// Applications and their versions (facts 3.1): what a deployment makes, and what the history keeps.
import { badRequest, conflict, notFound } from "../logic/answers.ts";
import type { ProgramSpec } from "../logic/applications.ts";
import type { ArtifactId, ArtifactStore, Scope } from "./artifact-store.ts";
import { parseScope } from "./artifact-store.ts";
import { appClassOf } from "./catalogue.ts";
import { parseConfig, type PipelineConfig } from "./pipeline-config.ts";

export interface Change {
  readonly description?: string;
  readonly parentVersion?: string;
  readonly author: string;
  readonly creationTimeMillis: number;
}
export interface StoredVersion {
  readonly version: string;
  readonly artifact: ArtifactId;
  /** JSON, as it was given. */
  readonly configuration: string;
  readonly description: string;
  /** Null: made by a server that kept no history. */
  readonly change: Change | null;
  /** Made anew by each deployment (facts 4.2). */
  readonly pipelineId: string;
  readonly principal?: string;
}
/** Namespace to application to its versions, oldest first. Plain JSON, changed in place. */
export type AppState = Record<string, Record<string, StoredVersion[]>>;
export interface AppRequest {
  readonly artifact?: { readonly name?: string; readonly version?: string; readonly scope?: string };
  readonly config?: unknown;
  readonly configuration?: unknown;
  readonly description?: string;
  readonly change?: { readonly description?: string; readonly parentVersion?: string };
  readonly principal?: string;
  readonly "app.deploy.update.schedules"?: boolean;
}
export interface Deployed {
  readonly namespace: string;
  readonly app: string;
  readonly version: StoredVersion;
  readonly updatesSchedules: boolean;
}

/** Of the only version of an application where no history is kept. */
export const SNAPSHOT = "-SNAPSHOT";
const ID = /^[a-zA-Z0-9_-]+$/;
export const applicationText = (namespace: string, app: string, version = SNAPSHOT): string => `application:${namespace}.${app}.${version}`;

export interface AppStoreOptions {
  readonly state: AppState;
  readonly artifacts: ArtifactStore;
  /** Every deployment makes a new version. */
  readonly lcmEdit: boolean;
  readonly now: () => number;
  readonly newId: () => string;
}

export class AppStore {
  readonly #options: AppStoreOptions;
  readonly #deployed: ((what: Deployed) => void)[] = [];
  readonly #programs = new WeakMap<StoredVersion, readonly ProgramSpec[]>();

  constructor(options: AppStoreOptions) {
    this.#options = options;
  }
  /** After each deployment and upgrade. */
  onDeployed(then: (what: Deployed) => void): void {
    this.#deployed.push(then);
  }

  apps(namespace: string): readonly string[] {
    return Object.keys(this.#options.state[namespace] ?? {});
  }
  /** Oldest first; null: there is no such application. */
  versions(namespace: string, app: string): readonly StoredVersion[] | null {
    return this.#options.state[namespace]?.[app] ?? null;
  }
  /** Error 404. */
  latest(namespace: string, app: string): StoredVersion {
    const found = this.versions(namespace, app)?.at(-1);
    if (found === undefined) throw notFound(applicationText(namespace, app));
    return found;
  }
  /** Error 404. `-SNAPSHOT` means the latest where it is no version of its own. */
  version(namespace: string, app: string, version: string): StoredVersion {
    const versions = this.versions(namespace, app);
    const found = versions?.find((each) => each.version === version) ?? (version === SNAPSHOT ? versions?.at(-1) : undefined);
    if (found === undefined) throw notFound(applicationText(namespace, app, version));
    return found;
  }
  programsOf(version: StoredVersion): readonly ProgramSpec[] {
    const known = this.#programs.get(version) ?? appClassOf(version.artifact.name)?.programs(configOf(version)) ?? [];
    this.#programs.set(version, known);
    return known;
  }

  /** A5. Errors 400, 404, 409 as the server words them. */
  deploy(namespace: string, app: string, request: AppRequest, author: string): Deployed {
    if (!ID.test(app)) throw badRequest(`Invalid application id '${app}': it may hold letters, digits, '_' and '-'.`);
    const artifact = this.#artifactOf(namespace, request);
    const configuration = textOf(request.config ?? request.configuration ?? {});
    this.#checkPlugins(namespace, parseConfig(configuration));
    const parent = this.versions(namespace, app)?.at(-1);
    const { change } = request;
    if (this.#options.lcmEdit && change?.parentVersion !== undefined && parent !== undefined && change.parentVersion !== parent.version)
      throw conflict(
        `Cannot deploy the application because parent version '${change.parentVersion}' does not match the latest version '${parent.version}'.`,
      );
    return this.#store(namespace, app, {
      artifact,
      configuration,
      description: request.description ?? parent?.description ?? "",
      author,
      changeWords: change?.description,
      pipelineId: this.#options.newId(),
      principal: request.principal,
      updatesSchedules: request["app.deploy.update.schedules"] ?? true,
    });
  }
  /** What an upgrade makes of a version. Schedules stay, and where no history is kept so does the id of the pipeline. */
  replace(
    namespace: string,
    app: string,
    of: StoredVersion,
    to: { readonly artifact: ArtifactId; readonly configuration: string },
    author: string,
  ): Deployed {
    const changeWords = `upgrade of ${of.version}`;
    const pipelineId = this.#options.lcmEdit ? this.#options.newId() : of.pipelineId;
    return this.#store(namespace, app, {
      ...to,
      description: of.description,
      author,
      changeWords,
      pipelineId,
      principal: of.principal,
      updatesSchedules: false,
    });
  }
  /** Error 404. */
  delete(namespace: string, app: string): void {
    this.latest(namespace, app);
    delete this.#options.state[namespace]?.[app];
  }

  #store(
    namespace: string,
    app: string,
    to: {
      readonly artifact: ArtifactId;
      readonly configuration: string;
      readonly description: string;
      readonly author: string;
      readonly changeWords: string | undefined;
      readonly pipelineId: string;
      readonly principal: string | undefined;
      readonly updatesSchedules: boolean;
    },
  ): Deployed {
    const { state, lcmEdit, now, newId } = this.#options;
    const versions = ((state[namespace] ??= {})[app] ??= []);
    const parent = versions.at(-1);
    const change: Change = {
      ...(to.changeWords === undefined ? {} : { description: to.changeWords }),
      ...(parent === undefined ? {} : { parentVersion: parent.version }),
      author: to.author,
      creationTimeMillis: now(),
    };
    const version: StoredVersion = {
      version: lcmEdit ? newId() : SNAPSHOT,
      artifact: to.artifact,
      configuration: to.configuration,
      description: to.description,
      change: lcmEdit ? change : null,
      pipelineId: to.pipelineId,
      ...(to.principal === undefined ? {} : { principal: to.principal }),
    };
    // In place: what was there is gone (facts 3.1).
    if (!lcmEdit) versions.splice(0, versions.length);
    versions.push(version);
    const deployed = { namespace, app, version, updatesSchedules: to.updatesSchedules };
    for (const then of this.#deployed) then(deployed);
    return deployed;
  }
  #artifactOf(namespace: string, { artifact }: AppRequest): ArtifactId {
    if (artifact?.name === undefined || artifact.version === undefined)
      throw badRequest("Artifact name and version must be provided in the request.");
    const scope: Scope | null = artifact.scope === undefined ? null : parseScope(artifact.scope);
    const found = this.#options.artifacts.resolve(namespace, { name: artifact.name, version: artifact.version, scope });
    if (appClassOf(found.name) === null) throw badRequest(`No application class found in artifact '${found.name}'.`);
    return found;
  }
  /** Every stage's plug-in must be there: in that version, or one within that range. */
  #checkPlugins(namespace: string, { stages = [], postActions = [] }: PipelineConfig): void {
    for (const { name, plugin } of [...stages, ...postActions]) {
      const { artifact } = plugin;
      if (artifact === undefined) continue;
      try {
        this.#options.artifacts.resolve(namespace, { ...artifact, scope: parseScope(artifact.scope) });
      } catch {
        throw badRequest(
          `Plugin named '${plugin.name}' of type '${plugin.type}' in stage '${name}' not found: artifact ${artifact.name} ${artifact.version} (${artifact.scope}) does not exist.`,
        );
      }
    }
  }
}

const configs = new WeakMap<StoredVersion, PipelineConfig>();
export function configOf(version: StoredVersion): PipelineConfig {
  const known = configs.get(version) ?? parseConfig(version.configuration);
  configs.set(version, known);
  return known;
}
/** A text is taken as it is. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
