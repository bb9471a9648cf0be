// What one record of the probe looks like. A value can be judged by itself: it names its key and the write that made it, and carries a checksum.
import { crc32 } from "node:zlib";

/** A record is named by the sequence of the insert that made it: no key is ever used twice, so an effect that comes late cannot pass for another. */
export interface RecordName {
  /** Made once for each probe, so that what an earlier one left in a table of the same name is nobody's business. Hexadecimal. */
  readonly probe: string;
  /** Sequence of the insert. */
  readonly record: number;
  /** Distinguishes candidates for one partition where the system places keys by their hash. */
  readonly salt: number;
}

/** What every key of a probe begins with. */
export const keyPrefix = (probe: string): string => `k${probe}-`;

/** `k3f9a01c2-41`, or `k3f9a01c2-41x3` when the fourth candidate was the first to fall on its partition. */
export function keyOf({ probe, record, salt }: RecordName): string {
  return `${keyPrefix(probe)}${String(record)}${salt === 0 ? "" : `x${String(salt)}`}`;
}

/** Null: not a key of the probe. */
export function parseKey(key: string): RecordName | null {
  const match = /^k([0-9a-f]*)-([1-9][0-9]{0,14})(?:x([1-9][0-9]{0,8}))?$/.exec(key);
  if (match === null) return null;
  return { probe: match[1] ?? "", record: Number(match[2]), salt: match[3] === undefined ? 0 : Number(match[3]) };
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, "0");

/** The value that the write of this sequence stores under the key: `KEY:SEQUENCE:CHECKSUM`. */
export function valueOf(key: string, sequence: number): string {
  const body = `${key}:${String(sequence)}`;
  return `${body}:${checksum(body)}`;
}

/** The sequence of the write that made the value; null when it is damaged, or belongs to another key. */
export function writerOf(key: string, value: string): number | null {
  const body = value.slice(0, -9);
  if (value.at(-9) !== ":" || checksum(body) !== value.slice(-8)) return null;
  const colon = body.lastIndexOf(":");
  if (body.slice(0, colon) !== key) return null;
  const digits = body.slice(colon + 1);
  return /^[1-9][0-9]{0,14}$/.test(digits) ? Number(digits) : null;
}

/** The history keeps the salt in 16 bits. */
const maximumCandidates = 65_536;

/**
 * The first candidate that falls on the partition. Without `partitionOf` the client itself places the key where the attempt says.
 * Throws a RangeError when no candidate falls on it: the client's partitions and its placement contradict each other.
 */
export function nameFor(
  identity: Pick<RecordName, "probe" | "record">,
  partition: string,
  partitionOf: ((key: string) => string) | null,
): RecordName {
  if (partitionOf === null) return { ...identity, salt: 0 };
  for (let salt = 0; salt < maximumCandidates; salt++) {
    if (partitionOf(keyOf({ ...identity, salt })) === partition) return { ...identity, salt };
  }
  throw new RangeError(`none of ${String(maximumCandidates)} keys falls on partition ${partition}`);
}
