// What the plan says of a release and of settings: the parameters of `upload`, `unpack`, `backup`, `swap`, `setFlags` and `readBack`. Pure.
import type { OmNode } from "../cluster.ts";

type OnNode = { readonly node: string };

/** What is replaced as a whole: `bin`, the taskmanager's `taskmanager` beside it (OM-23), or the Spark distribution in SPARK_HOME (OM-22). */
export type Part = "bin" | "taskmanager" | "spark";

export type UploadParams = OnNode & {
  /** On the machine of Stillwater. */
  readonly artefact: string;
  /** On the host: see `archiveOn`. */
  readonly to: string;
  readonly sha256: string;
  readonly bytes: number;
};
/** Unpacks for one node, beside what it will replace, and runs the new binary there. A Spark distribution has no binary of ours: its jar is looked for. */
export type UnpackParams = OnNode & {
  readonly archive: string;
  /** See `releaseOn`: not there, or unpacked from this archive. */
  readonly directory: string;
  readonly version: string;
  readonly parts: readonly Part[];
};
/** A copy of `bin` (without pid files) and `conf`, and of the other parts that are named, in a new directory below the node's `backups`. */
export type BackupParams = OnNode & { readonly parts: readonly Part[] };
/** Puts one part of a release in place, in two renames, while the node is down; what was there is kept beside it. */
export type SwapParams = OnNode & {
  readonly part: Part;
  readonly version: string;
  /** The directory of `unpack`; null: what an earlier run has kept of that version. */
  readonly release: string | null;
};
/** Keys of the node's own file, without the role; null unsets. Values of secret keys are references. */
export type FlagChanges = { readonly [key: string]: string | null };
export type SetFlagsParams = OnNode & {
  readonly changes: FlagChanges;
  /** The way back: the backup (OC-2) whose values these keys get again; null: the way there. */
  readonly from: string | null;
};
/** After the start: what the running component can be asked for is compared, and of the rest is said that it cannot be proved. */
export type ReadBackParams = OnNode & { readonly changes: FlagChanges };

const short = (sha256: string): string => sha256.slice(0, 12);
const parent = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Where an archive lies on the node's host: once for all nodes of the host with the same `archives`. */
export const archiveOn = (
  node: OmNode,
  what: "openmldb" | "spark",
  { version, sha256 }: { readonly version: string; readonly sha256: string },
): string => `${node.archives}/${what}-${version}-${short(sha256)}.tar`;

/** On the file system of what is replaced, because a directory is swapped by renames. Nodes that share an installation share it. */
export const stagingOf = (node: OmNode, part: Part): string =>
  part === "spark" ? `${parent(sparkHomeOf(node))}/.stillwater` : `${node.directory}/.stillwater`;

/** Where a release is unpacked for a node. */
export const releaseOn = (
  node: OmNode,
  what: "openmldb" | "spark",
  { version, sha256 }: { readonly version: string; readonly sha256: string },
): string => `${stagingOf(node, what === "spark" ? "spark" : "bin")}/${what}-${version}-${short(sha256)}`;

/** The directory that a part is. */
export const placeOf = (node: OmNode, part: Part): string => (part === "spark" ? sparkHomeOf(node) : `${node.directory}/${part}`);

/** The default of a taskmanager without its own: start.sh looks there. */
const sparkHomeOf = (node: OmNode): string => node.sparkHome ?? `${node.directory}/spark`;

/** What an upgrade of this role replaces (OM-9, OM-23); Spark only where an artefact of its own is given. */
export const partsOf = (node: Pick<OmNode, "role">): readonly Part[] => (node.role === "taskmanager" ? ["bin", "taskmanager"] : ["bin"]);
