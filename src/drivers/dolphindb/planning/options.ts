// The options of a plan (`-o KEY=VALUE`), parsed. Pure. Keys with a dot are written by whoever reads local files (`local/complete-goal.ts`).
import type { Refusal } from "../../../model/driver.ts";
import type { Goal } from "../../../model/goal.ts";
import type { StatedLevel } from "../compatibility/hops.ts";
import { levels } from "../compatibility/levels.ts";
import { optionalKinds } from "../operations/inventory.ts";

/** Names of variants as packages carry them; `plain` has no suffix. */
export const flavours = ["plain", "JIT", "ABI"] as const;
export type Flavour = (typeof flavours)[number];
export const architectures = ["x86_64", "aarch64"] as const;
export type Architecture = (typeof architectures)[number];

/** What the package itself says, beside its version. */
export interface PackageFacts {
  readonly flavour: Flavour;
  readonly architecture: Architecture;
  /** Where its version stands: inside (a text of the binary), or only in the file's name. */
  readonly versionFrom: "inside" | "name";
  /** `contentsDigest` over all its files. */
  readonly contents: string;
  /** Unpacked. */
  readonly bytes: number;
  /** Plugins that it brings, with their versions. */
  readonly plugins: Readonly<Record<string, string>>;
}
/** A directory of plugins for the new release (one directory each, as below `server/plugins`), packed for the hosts. */
export interface PluginPackage {
  /** As the operator named it. */
  readonly directory: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The archive that was made of it, on this machine. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** `contentsDigest` over all its files. */
  readonly contents: string;
}

export interface PlanOptions {
  /** What the vendor's support said of hops that have no published level; null: nothing. */
  readonly level: StatedLevel | null;
  /** Whether the turn of a host waits for its running jobs, or only lists them. */
  readonly jobs: "wait" | "list";
  /** Null: no package, or it was not read. */
  readonly package: PackageFacts | null;
  /** Null: none was given, or it was not read. */
  readonly plugins: PluginPackage | null;
  /** Kinds of the backup's list that the operator does without (operations/inventory.ts). */
  readonly leaveOut: readonly string[];
  /** The operator has suspended recovery himself: it is suspended again at the end. No function tells whether it is. */
  readonly suspended: boolean;
  /** Take what an earlier run has kept on the hosts: a way back. */
  readonly kept: boolean;
}

/** For people, with what they mean. */
export const optionWords: Readonly<Record<string, string>> = {
  level: "the compatibility level (1 to 5) that the vendor's support stated for releases without a published one",
  "level-source": "who stated it: a case number, a mail, a name",
  jobs: "wait: the turn of a host waits for its running jobs; list: it only lists them",
  plugins: "directory of plugins for the new release",
  recovery: "suspended: you have suspended recovery yourself, which nothing tells; it is suspended again when the run ends",
  "leave-out": `what the backup leaves out, of: ${[...optionalKinds].join(", ")}; separated by commas`,
};
/** Written by local files and by the way back. */
const written = new Set([
  "package.flavour",
  "package.architecture",
  "package.version-from",
  "package.contents",
  "package.bytes",
  "package.plugins",
  "plugins.versions",
  "plugins.archive",
  "plugins.sha256",
  "plugins.bytes",
  "plugins.contents",
  "release",
  "stays",
]);

/** Of edited files, of former settings, and of the run that a way back undoes. */
const writtenPrefixes = ["edited.", "former.", "back."];
const isWritten = (key: string): boolean => written.has(key) || writtenPrefixes.some((prefix) => key.startsWith(prefix));

const refuse = (key: string, value: string, clear: string): Refusal => ({ refused: `option ${key}=${value} is not valid`, clear, object: key });
const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "refused" in value;

export function planOptions({ options }: Pick<Goal, "options">): PlanOptions | Refusal {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(optionWords, key) && !isWritten(key));
  if (unknown !== undefined)
    return { refused: `there is no option ${unknown}`, clear: `the options are: ${Object.keys(optionWords).join(", ")}`, object: unknown };
  const level = levelOf(options);
  if (isRefusal(level)) return level;
  const jobs = options["jobs"] ?? "wait";
  if (jobs !== "wait" && jobs !== "list") return refuse("jobs", jobs, "one of wait, list");
  const { recovery } = options;
  if (recovery !== undefined && recovery !== "suspended") return refuse("recovery", recovery, "suspended, or leave it out");
  const suspended = recovery !== undefined;
  const leaveOut = leaveOutOf(options["leave-out"]);
  if (isRefusal(leaveOut)) return leaveOut;
  return { level, jobs, leaveOut, suspended, package: packageOf(options), plugins: pluginsOf(options), kept: options["release"] === "kept" };
}

function leaveOutOf(text: string | undefined): readonly string[] | Refusal {
  const words = (text ?? "").split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim().replaceAll("-", " ")]));
  const wrong = words.find((word) => !optionalKinds.has(word));
  return wrong === undefined
    ? words
    : refuse("leave-out", text ?? "", `one or more of ${[...optionalKinds].map((kind) => kind.replaceAll(" ", "-")).join(", ")}`);
}

function levelOf(options: Goal["options"]): StatedLevel | null | Refusal {
  const { level } = options;
  const source = (options["level-source"] ?? "").trim();
  if (level === undefined) return source === "" ? null : refuse("level-source", source, "say the level too: -o level=4");
  const stated = levels.find((each) => String(each) === level);
  if (stated === undefined) return refuse("level", level, "a whole number from 1 to 5");
  if (source === "") return refuse("level", level, 'say who stated it: -o level-source="case 4711"');
  return { level: stated, source };
}

/** Null when anything is missing: then the package was not read, and nothing is believed of it. */
function packageOf(options: Goal["options"]): PackageFacts | null {
  const flavour = flavours.find((each) => each === options["package.flavour"]);
  const architecture = architectures.find((each) => each === options["package.architecture"]);
  const versionFrom = (["inside", "name"] as const).find((each) => each === options["package.version-from"]);
  const { "package.contents": contents = "", "package.bytes": bytes = "" } = options;
  if (flavour === undefined || architecture === undefined || versionFrom === undefined || contents === "" || !/^\d+$/.test(bytes)) return null;
  return { flavour, architecture, versionFrom, contents, bytes: Number(bytes), plugins: pairsOf(options["package.plugins"] ?? "") };
}
export const packageOptions = (facts: PackageFacts): Readonly<Record<string, string>> => ({
  "package.flavour": facts.flavour,
  "package.architecture": facts.architecture,
  "package.version-from": facts.versionFrom,
  "package.contents": facts.contents,
  "package.bytes": String(facts.bytes),
  "package.plugins": pairs(facts.plugins),
});

function pluginsOf(options: Goal["options"]): PluginPackage | null {
  const { plugins: directory, "plugins.versions": versions, "plugins.archive": path, "plugins.sha256": sha256 } = options;
  const { "plugins.bytes": bytes = "", "plugins.contents": contents } = options;
  if (directory === undefined || versions === undefined || path === undefined || sha256 === undefined || contents === undefined) return null;
  return /^\d+$/.test(bytes) ? { directory, versions: pairsOf(versions), path, sha256, bytes: Number(bytes), contents } : null;
}
export const pluginOptions = (made: PluginPackage): Readonly<Record<string, string>> => ({
  plugins: made.directory,
  "plugins.versions": pairs(made.versions),
  "plugins.archive": made.path,
  "plugins.sha256": made.sha256,
  "plugins.bytes": String(made.bytes),
  "plugins.contents": made.contents,
});

const pairs = (map: Readonly<Record<string, string>>): string =>
  Object.entries(map)
    .map(([name, version]) => `${name}=${version}`)
    .join(",");
const pairsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(",").flatMap((each): readonly (readonly [string, string])[] => {
      const cut = each.indexOf("=");
      return cut > 0 ? [[each.slice(0, cut), each.slice(cut + 1)]] : [];
    }),
  );
