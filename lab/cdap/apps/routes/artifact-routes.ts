// ArtifactHttpHandler (facts 3.5).
import { badRequest, json, notFound, text } from "../../logic/answers.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import { parseScope, type ArtifactId, type ArtifactStore, type Scope } from "../artifact-store.ts";
import { appClassOf, pluginsOf, type PluginClass } from "../catalogue.ts";
import { parseRange, isWithin } from "../versions.ts";
import { param, parseBody, parseTexts } from "./request.ts";

const ARTIFACTS = "/v3/namespaces/{ns}/artifacts";
const VERSION = `${ARTIFACTS}/{name}/versions/{version}`;

export function addArtifactRoutes(cluster: LabCluster, artifacts: ArtifactStore, inNamespace: (call: Call) => string): void {
  const scopes = ({ query }: Call): readonly Scope[] | undefined => {
    const scope = query.get("scope");
    return scope === null ? undefined : [parseScope(scope)];
  };
  /** Without a scope, what users have uploaded, as the server's default is. */
  const scopeOf = (call: Call): Scope => scopes(call)?.[0] ?? (param(call, "ns") === "system" ? "SYSTEM" : "USER");
  const keyOf = (call: Call) => ({ name: param(call, "name"), version: param(call, "version") });
  const changed = (words = "") => {
    cluster.changed();
    return text(200, words);
  };

  cluster.route("GET", ARTIFACTS, (call) => json(artifacts.list(inNamespace(call), scopes(call))));
  // What lies in `app.artifact.dir` now.
  cluster.route("POST", "/v3/namespaces/system/artifacts", () => {
    artifacts.loadSystem(cluster.release.version);
    return changed();
  });
  cluster.route("GET", `${ARTIFACTS}/{name}`, (call) => {
    const namespace = inNamespace(call);
    const name = param(call, "name");
    const wanted = call.query.get("artifactVersion");
    const range = wanted === null ? null : parseRange(wanted);
    const fits = ({ version }: ArtifactId): boolean => wanted === null || (range === null ? version === wanted : isWithin(version, range));
    const found = artifacts.versions(namespace, name, scopes(call)).filter(fits);
    if (found.length === 0) throw notFound(`artifact:${namespace}.${name}`);
    const ordered = call.query.get("order")?.toUpperCase() === "ASC" ? found : found.toReversed();
    return json(ordered.slice(0, Number(call.query.get("limit") ?? ordered.length)));
  });
  cluster.route("POST", `${ARTIFACTS}/{name}`, (call) => {
    const version = call.headers["artifact-version"];
    if (version === undefined) throw badRequest("The header Artifact-Version must be given.");
    const { "artifact-extends": parents, "artifact-plugins": plugins } = call.headers;
    const given = plugins === undefined ? undefined : (parseBody(plugins, "Could not parse Artifact-Plugins.") as readonly PluginClass[]);
    const name = param(call, "name");
    if (given === undefined && appClassOf(name) === null && pluginsOf(name).length === 0)
      throw badRequest(`Artifact '${name}' holds no application and no plugin.`);
    artifacts.add(inNamespace(call), {
      name,
      version,
      properties: {},
      ...(given === undefined ? {} : { plugins: given }),
      ...(parents === undefined ? {} : { parents: parents.split("/") }),
    });
    return changed("Artifact added successfully");
  });
  cluster.route("GET", VERSION, (call) => json(artifacts.detail(inNamespace(call), keyOf(call), scopeOf(call))));
  cluster.route("DELETE", VERSION, (call) => {
    artifacts.remove(inNamespace(call), keyOf(call));
    return changed();
  });

  const properties = (call: Call): Record<string, string> => artifacts.get(inNamespace(call), keyOf(call), scopeOf(call)).properties;
  const replace = (call: Call, values: Readonly<Record<string, string>>): void => {
    const known = properties(call);
    for (const name of Object.keys(known)) delete known[name];
    Object.assign(known, values);
  };
  cluster.route("GET", `${VERSION}/properties`, (call) => json(properties(call)));
  cluster.route("PUT", `${VERSION}/properties`, (call) => {
    replace(call, parseTexts(call.body));
    return changed();
  });
  cluster.route("DELETE", `${VERSION}/properties`, (call) => {
    replace(call, {});
    return changed();
  });
  cluster.route("GET", `${VERSION}/properties/{property}`, (call) => {
    const value = properties(call)[param(call, "property")];
    if (value === undefined) throw notFound(`property:${param(call, "property")}`);
    return text(200, value);
  });
  cluster.route("PUT", `${VERSION}/properties/{property}`, (call) => {
    properties(call)[param(call, "property")] = call.body;
    return changed();
  });
  cluster.route("DELETE", `${VERSION}/properties/{property}`, (call) => {
    delete properties(call)[param(call, "property")];
    return changed();
  });
  cluster.route("GET", `${VERSION}/extensions`, (call) => json([...new Set(extensions(call).map(({ type }) => type))]));
  cluster.route("GET", `${VERSION}/extensions/{type}`, (call) => json(extensions(call).filter(({ type }) => type === param(call, "type"))));

  /** Plug-ins of all artefacts that the namespace sees. */
  const extensions = (call: Call): readonly (PluginClass & { readonly artifact: ArtifactId })[] => {
    artifacts.get(inNamespace(call), keyOf(call), scopeOf(call));
    return artifacts.list(inNamespace(call)).flatMap((artifact) => pluginsOf(artifact.name).map((plugin) => ({ ...plugin, artifact })));
  };

  cluster.control("artifact", (body) => {
    const {
      namespace = "system",
      add,
      remove,
    } = body as {
      readonly namespace?: string;
      readonly add?: { readonly name: string; readonly version: string };
      readonly remove?: { readonly name: string; readonly version: string };
    };
    if (add !== undefined) artifacts.add(namespace, { ...add, properties: {} });
    if (remove !== undefined) artifacts.remove(namespace, remove);
  });
}
