import { describe, expect, it } from "vitest";
import { murmurHash64A, partitionOfKey } from "./partition-of-key.ts";

describe("partition of a key", () => {
  it("hashes as MurmurHash64A does elsewhere", () => {
    expect(murmurHash64A(Buffer.from("hello"), 0n)).toBe(2_191_231_550_387_646_743n);
  });
  it("is stable, and inside", () => {
    expect(["", "a", "key-0001", "a key of more than eight bytes", "ключ"].map((key) => partitionOfKey(key, 8))).toMatchInlineSnapshot(`
      [
        4,
        7,
        4,
        7,
        2,
      ]
    `);
    for (let i = 0; i < 100; i++) expect(partitionOfKey(`k${i}`, 3)).toBeLessThan(3);
  });
  it("spreads keys evenly", () => {
    const counts = Array.from({ length: 24 }, () => 0);
    for (let i = 0; i < 24_000; i++) counts[partitionOfKey(`row-${i}`, 24)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
