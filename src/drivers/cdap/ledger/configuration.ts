// Configurations of pipelines: compared by what they mean, and moved to other artefacts (facts 3.1, 4.4, 6). Pure.
import { canonicalJson, type Json } from "../../../model/json.ts";
import type { ArtifactTargets } from "../step-names.ts";

type Tree = { readonly [key: string]: Json };
const isTree = (value: Json | undefined): value is Tree => value !== null && typeof value === "object" && !Array.isArray(value);

/** The text of an application detail as a value; the text itself where it is no JSON. */
export function parseConfiguration(text: string | null | undefined): Json {
  if (text == null || text.trim() === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
/** An artefact of a plug-in: `{name, version, scope}` below a key `artifact`. */
const isArtifact = (key: string, value: Json): value is Tree => key === "artifact" && isTree(value) && typeof value["name"] === "string";

function mapArtifacts(value: Json, change: (artifact: Tree) => Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => mapArtifacts(item, change));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, isArtifact(key, held) ? change(held) : mapArtifacts(held, change)]));
}
/** Key order and versions of artefacts do not count: what an upgrade may change, and nothing else. */
export const meaningOf = (text: string | null | undefined): string =>
  canonicalJson(
    mapArtifacts(parseConfiguration(text), ({ name, scope }) => ({
      name: name ?? null,
      scope: typeof scope === "string" ? scope.toUpperCase() : "",
    })),
  );
/** Key order does not count; everything else does. */
export const exactMeaningOf = (text: string | null | undefined): string => canonicalJson(parseConfiguration(text));

/** Every plug-in artefact that is named among the targets, at its target. */
export const withTargets = (text: string | null | undefined, targets: ArtifactTargets): Json =>
  mapArtifacts(parseConfiguration(text), (artifact) => {
    const target = typeof artifact["name"] === "string" ? targets[artifact["name"]] : undefined;
    return target === undefined ? artifact : { ...artifact, version: target };
  });

/** Plug-in artefacts with the versions that a configuration names: exact ones, or ranges. */
export function pluginArtifacts(text: string | null | undefined): readonly { readonly name: string; readonly version: string | null }[] {
  const found: { readonly name: string; readonly version: string | null }[] = [];
  mapArtifacts(parseConfiguration(text), (artifact) => {
    const { name, version } = artifact;
    if (typeof name === "string") found.push({ name, version: typeof version === "string" ? version : null });
    return artifact;
  });
  return found;
}
/** A range names no version that could be behind. */
export const isRange = (version: string): boolean => /^[[(]/.test(version);
/** Plug-in artefacts that a configuration names with another version than their target. */
export const pluginsBehind = (text: string | null | undefined, targets: ArtifactTargets): readonly string[] =>
  pluginArtifacts(text).flatMap(({ name, version }) => {
    const target = targets[name];
    return target === undefined || version === null || version === target || isRange(version) ? [] : [`${name} ${version}`];
  });
