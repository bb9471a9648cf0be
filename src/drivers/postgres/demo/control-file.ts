// global/pg_control without pg_controldata, which the npm packages do not have. Layout of releases 13 to 18: 64-bit fields on little-endian machines.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ControlFile {
  /** 1: shut down; 2: shut down in recovery; anything else: running, or stopped without a shutdown. */
  readonly state: number;
  /** Position of the last checkpoint; of a primary that was shut down: its last record. */
  readonly checkpoint: bigint;
  readonly redo: bigint;
  readonly timeline: number;
}

export async function readControlFile(dataDirectory: string): Promise<ControlFile> {
  const bytes = await readFile(join(dataDirectory, "global", "pg_control"));
  return { state: bytes.readUInt32LE(16), checkpoint: bytes.readBigUInt64LE(32), redo: bytes.readBigUInt64LE(40), timeline: bytes.readUInt32LE(48) };
}

/** `0/5A12F90` as a number. */
export function parsePosition(text: string): bigint {
  const [high = "", low = ""] = text.split("/");
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatPosition(position: bigint): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

/** Name of the log segment that holds a position, with the default segment size of 16 MiB. */
export function segmentOf(timeline: number, position: bigint): string {
  const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(BigInt(timeline)) + hex(position >> 32n) + hex((position & 0xffff_ffffn) >> 24n);
}
