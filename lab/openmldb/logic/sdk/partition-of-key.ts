import { Buffer } from "node:buffer";

const MULTIPLIER = 0xc6a4_a793_5bd1_e995n;
const SEED = 0xe17a_1465n;
const SHIFT = 47n;
const times = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a * b);

/** MurmurHash64A (Austin Appleby, public domain) of the UTF-8 bytes. */
export function murmurHash64A(bytes: Buffer, seed: bigint): bigint {
  let hash = seed ^ times(BigInt(bytes.length), MULTIPLIER);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) {
    let block = times(bytes.readBigUInt64LE(at), MULTIPLIER);
    block = times(block ^ (block >> SHIFT), MULTIPLIER);
    hash = times(hash ^ block, MULTIPLIER);
  }
  if (whole < bytes.length) {
    let rest = 0n;
    for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8n) | BigInt(bytes[at] ?? 0);
    hash = times(hash ^ rest, MULTIPLIER);
  }
  hash = times(hash ^ (hash >> SHIFT), MULTIPLIER);
  return hash ^ (hash >> SHIFT);
}

/**
 * Which partition (0 .. partitions - 1) holds a key: as OpenMLDB's clients compute it, so that keys chosen for a lab hit the same partitions of a
 * real cluster. MurmurHash64A with seed 0xe17a1465, read as a signed number, its absolute value modulo the partitions (upstream's src/base/hash.h).
 */
export function partitionOfKey(key: string, partitions: number): number {
  const hash = BigInt.asIntN(64, murmurHash64A(Buffer.from(key, "utf8"), SEED));
  return Number((hash < 0n ? -hash : hash) % BigInt(partitions));
}
