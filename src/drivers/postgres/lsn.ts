// Positions in the write-ahead log: `0/6B00128`.

export type Lsn = string;

/** Throws a RangeError for a text that is no position. */
export function lsnToNumber(lsn: Lsn): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(lsn);
  if (!match) throw new RangeError(`not a position in the log: ${lsn}`);
  return (BigInt(`0x${match[1] ?? "0"}`) << 32n) | BigInt(`0x${match[2] ?? "0"}`);
}

export const lsnFromNumber = (position: bigint): Lsn =>
  `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;

/** Bytes from `b` to `a`; negative when `a` lies before `b`. */
export const lsnDistance = (a: Lsn, b: Lsn): number => Number(lsnToNumber(a) - lsnToNumber(b));

/** Null sorts as nothing received: below every position. */
export function compareLsn(a: Lsn | null, b: Lsn | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  const distance = lsnToNumber(a) - lsnToNumber(b);
  return distance < 0n ? -1 : distance > 0n ? 1 : 0;
}

export interface WalLayout {
  /** Bytes of a page and of a segment file. */
  readonly blockBytes: number;
  readonly segmentBytes: number;
}

/** A page begins with a header of 24 bytes, the first of a segment with one of 40: they lie inside a record that crosses the boundary. */
const pageHeader = (position: bigint, { segmentBytes }: WalLayout): bigint => (position % BigInt(segmentBytes) === 0n ? 40n : 24n);

/**
 * The position behind a record of `bytes` that begins at `start`: what a standby has received when it has the whole record. Records begin at
 * multiples of 8.
 */
export function recordEnd(start: Lsn, bytes: number, layout: WalLayout): Lsn {
  const block = BigInt(layout.blockBytes);
  let position = lsnToNumber(start);
  let left = BigInt(bytes);
  for (;;) {
    if (position % block === 0n) position += pageHeader(position, layout);
    const room = block - (position % block);
    if (left <= room) {
      position += left;
      break;
    }
    left -= room;
    position += room;
  }
  return lsnFromNumber((position + 7n) & ~7n);
}
