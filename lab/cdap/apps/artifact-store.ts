import { badRequest, conflict, notFound } from "../logic/answers.ts";
import { appClassOf, parentsOf, pluginsOf, shippedWith, type ArtifactKey, type PluginClass } from "./catalogue.ts";
import { compareVersions, highest, isSnapshot, matchesVersion } from "./versions.ts";

export type Scope = "SYSTEM" | "USER";
export const SCOPES: readonly Scope[] = ["SYSTEM", "USER"];
export interface ArtifactId extends ArtifactKey {
  readonly scope: Scope;
}
export interface Artifact extends ArtifactKey {
  readonly properties: Record<string, string>;
  /** Of one that was uploaded: what its headers said. */
  readonly plugins?: readonly PluginClass[];
  readonly parents?: readonly string[];
}
/** Plain JSON, changed in place. Artefacts of the system belong to the namespace `system`. */
export type ArtifactState = Record<string, Artifact[]>;

/** Case does not matter. Error with the server's words. */
export function parseScope(text: string): Scope {
  const found = SCOPES.find((scope) => scope === text.toUpperCase());
  if (found === undefined) throw badRequest(`Invalid scope ${text}`);
  return found;
}
const entityOf = (namespace: string, { name, version }: ArtifactKey): string => `artifact:${namespace}.${name}.${version}`;

/** Artefacts of all namespaces: what a platform has loaded from its directory, and what users have uploaded. */
export class ArtifactStore {
  readonly #state: ArtifactState;

  constructor(state: ArtifactState) {
    this.#state = state;
  }

  /** What lies in the directory of a platform of that version; what is there already stays. Returns what was added. */
  loadSystem(release: string): readonly ArtifactKey[] {
    const known = this.#in("system");
    const added = shippedWith(release).filter((key) => !known.some(({ name, version }) => name === key.name && version === key.version));
    known.push(...added.map((key) => ({ ...key, properties: {} })));
    return added;
  }
  /** Error 409 for a release that is there; a snapshot is overwritten. */
  add(namespace: string, artifact: Artifact): void {
    const known = this.#in(namespace);
    const at = known.findIndex(({ name, version }) => name === artifact.name && version === artifact.version);
    if (at >= 0 && !isSnapshot(artifact.version))
      throw conflict(`An artifact '${entityOf(namespace, artifact)}' already exists in namespace '${namespace}'.`);
    if (at >= 0) known.splice(at, 1);
    known.push(artifact);
  }
  remove(namespace: string, key: ArtifactKey): void {
    const known = this.#in(namespace);
    const at = known.findIndex(({ name, version }) => name === key.name && version === key.version);
    if (at < 0) throw notFound(entityOf(namespace, key));
    known.splice(at, 1);
  }

  /** That an application of the namespace may use, in the order in which they came. */
  list(namespace: string, scopes: readonly Scope[] = SCOPES): readonly ArtifactId[] {
    return scopes.flatMap((scope) =>
      scope === "SYSTEM"
        ? this.#in("system").map((each) => idOf(each, "SYSTEM"))
        : namespace === "system"
          ? []
          : this.#in(namespace).map((each) => idOf(each, "USER")),
    );
  }
  /** Versions of one name, lowest first. */
  versions(namespace: string, name: string, scopes: readonly Scope[] = SCOPES): readonly ArtifactId[] {
    return this.list(namespace, scopes)
      .filter((each) => each.name === name)
      .toSorted((one, other) => compareVersions(one.version, other.version));
  }
  /** The highest that a version or a range means. Error 404. */
  resolve(namespace: string, wanted: { readonly name: string; readonly version: string; readonly scope: Scope | null }): ArtifactId {
    const scopes = wanted.scope === null ? SCOPES : [wanted.scope];
    const fits = this.versions(namespace, wanted.name, scopes).filter(({ version }) => matchesVersion(version, wanted.version));
    const found = highest(fits, ({ version }) => version);
    if (found === null) throw notFound(entityOf(wanted.scope === "SYSTEM" ? "system" : namespace, wanted));
    return found;
  }
  /** Error 404. */
  get(namespace: string, key: ArtifactKey, scope: Scope): Artifact {
    const home = scope === "SYSTEM" ? "system" : namespace;
    const found = this.#in(home).find(({ name, version }) => name === key.name && version === key.version);
    if (found === undefined) throw notFound(entityOf(home, key));
    return found;
  }
  detail(namespace: string, key: ArtifactKey, scope: Scope): object {
    const artifact = this.get(namespace, key, scope);
    const app = appClassOf(artifact.name);
    return {
      ...idOf(artifact, scope),
      classes: {
        apps: app === null ? [] : [{ className: app.className, description: "" }],
        plugins: (artifact.plugins ?? pluginsOf(artifact.name)).map((plugin) => ({ ...plugin, className: `${artifact.name}.${plugin.name}` })),
      },
      properties: artifact.properties,
      parents: artifact.parents ?? parentsOf(artifact.name),
    };
  }

  #in(namespace: string): Artifact[] {
    return (this.#state[namespace] ??= []);
  }
}

const idOf = ({ name, version }: Artifact, scope: Scope): ArtifactId => ({ name, version, scope });
