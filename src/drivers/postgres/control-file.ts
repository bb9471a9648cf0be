// global/pg_control: what a server wrote about itself, readable while it is down. Checked by its CRC-32C before a byte of it is believed.
import { StillwaterError } from "../../model/errors.ts";
import { lsnFromNumber, recordEnd, type Lsn } from "./lsn.ts";

export const controlStates = [
  "starting up",
  "shut down",
  "shut down in recovery",
  "shutting down",
  "in crash recovery",
  "in archive recovery",
  "in production",
] as const;
export type ControlState = (typeof controlStates)[number];

export interface ControlData {
  /** Unsigned 64 bits, as digits. */
  readonly systemIdentifier: string;
  readonly state: ControlState;
  /** Where the latest checkpoint record begins. */
  readonly checkpoint: Lsn;
  /** Where that record ends if it is a checkpoint: after a shutdown, the end of the log. */
  readonly checkpointEnd: Lsn;
  /** Timeline of the latest checkpoint: behind the server's own for a moment after a promotion. */
  readonly timeline: number;
  readonly walLogHints: boolean;
  readonly dataChecksums: boolean;
}

/** Where the checksum lies, by `pg_control_version`: 12; 13 to 16; 17; 18. Everything else that is read here has not moved between them. */
const checksumAt: Readonly<Record<number, number>> = { 1201: 288, 1300: 288, 1700: 288, 1800: 292 };

/** Bytes to read so that the checksum is among them. */
export const controlBytes = 512;

/** A checkpoint record: header of 24 bytes, 2 of the data header, 88 of data. The same from 12 to 18. */
const checkpointRecordBytes = 24 + 2 + 88;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Error SW3005 when it is not a control file of 12 to 18, or was read while it was being written (look again). `object` names the node. */
export function parseControlFile(bytes: Uint8Array, object: string): ControlData {
  const refuse = (what: string): never => {
    throw new StillwaterError("SW3005", `global/pg_control of ${object} ${what}`, { object, remedy: "It is read again; see `pg_controldata`." });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 296) return refuse(`has ${String(bytes.byteLength)} bytes only`);
  const format = view.getUint32(8, true);
  const checksum = checksumAt[format];
  if (checksum === undefined) return refuse(`has the format ${String(format)}; 12 to 18 (1201, 1300, 1700, 1800) are known`);
  if (crc32c(bytes.subarray(0, checksum)) !== view.getUint32(checksum, true)) return refuse("does not have its checksum");
  const state = controlStates[view.getInt32(16, true)];
  if (state === undefined) return refuse("has an unknown state");
  const checkpoint = lsnFromNumber(view.getBigUint64(32, true));
  return {
    systemIdentifier: view.getBigUint64(0, true).toString(),
    state,
    checkpoint,
    checkpointEnd: recordEnd(checkpoint, checkpointRecordBytes, { blockBytes: view.getUint32(224, true), segmentBytes: view.getUint32(228, true) }),
    timeline: view.getUint32(48, true),
    walLogHints: view.getUint8(176) !== 0,
    dataChecksums: view.getUint32(252, true) !== 0,
  };
}
