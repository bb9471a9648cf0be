// Which partition a row falls on: MurmurHash64A of its first index key, made positive as the vendor's clients do (src/base/hash.h, hash64), modulo the number
// of partitions. Pure.

const mask = (1n << 64n) - 1n;
const m = 0xc6a4a7935bd1e995n;
const seed = 0xe17a1465n;

/** Of the key's UTF-8 bytes. */
function murmurHash64A(key: Uint8Array): bigint {
  let h = (seed ^ ((BigInt(key.length) * m) & mask)) & mask;
  const whole = key.length - (key.length % 8);
  for (let at = 0; at < whole; at += 8) {
    let k = (littleEndian(key.subarray(at, at + 8)) * m) & mask;
    k ^= k >> 47n;
    h = ((h ^ ((k * m) & mask)) * m) & mask;
  }
  if (whole < key.length) h = ((h ^ littleEndian(key.subarray(whole))) * m) & mask;
  h ^= h >> 47n;
  h = (h * m) & mask;
  return h ^ (h >> 47n);
}
const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** An empty key never comes here: the vendor's clients put a placeholder in its place. */
export function partitionOfKey(key: string, partitions: number): number {
  const hash = BigInt.asIntN(64, murmurHash64A(Buffer.from(key, "utf8")));
  return Number((hash < 0n ? -hash : hash) % BigInt(partitions));
}
