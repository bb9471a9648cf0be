import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, nameFor, parseKey, valueOf, writerOf } from "./record.ts";

const names = fc.record({
  probe: fc.constantFrom("3f9a01c2", "00000000"),
  record: fc.integer({ min: 1, max: 10_000_000 }),
  salt: fc.integer({ min: 0, max: 65_535 }),
});

describe("a record", () => {
  it("is found again by its key, and its value by itself", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 10_000_000 }), (name, sequence) => {
        const key = keyOf(name);
        expect(parseKey(key)).toEqual(name);
        expect(writerOf(key, valueOf(key, sequence))).toBe(sequence);
      }),
    );
  });

  it("shows any damage to its value", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), fc.integer({ min: 32, max: 126 }), (name, sequence, at, code) => {
        const key = keyOf(name);
        const value = valueOf(key, sequence);
        const position = at % value.length;
        const damaged = value.slice(0, position) + String.fromCodePoint(code) + value.slice(position + 1);
        expect(writerOf(key, damaged)).toBe(damaged === value ? sequence : null);
        expect(writerOf(key, value.slice(0, position))).toBeNull();
      }),
    );
    expect(writerOf("k0-2", valueOf("k0-1", 1))).toBeNull();
  });

  it("is placed on the partition that is asked for", () => {
    const partitionOf = (key: string): string => String(key.split("").reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 7);
    for (let record = 1; record < 50; record++) {
      const name = nameFor({ probe: "a1", record }, String(record % 7), partitionOf);
      expect(partitionOf(keyOf(name))).toBe(String(record % 7));
    }
    expect(() => nameFor({ probe: "a1", record: 1 }, "8", partitionOf)).toThrow(RangeError);
    expect(nameFor({ probe: "a1", record: 5 }, "anywhere", null)).toEqual({ probe: "a1", record: 5, salt: 0 });
  });
});
