import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bool, int, long, nothing, text, type LabValue, type ScalarType } from "../value.ts";
import { ByteReader, Truncated } from "./bytes.ts";
import { readObject } from "./decode.ts";
import { encode } from "./encode.ts";
import { NotCarried } from "./types.ts";

const hex = (value: LabValue): string => Buffer.from(encode(value)).toString("hex");
const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(/[\s|]/g, ""), "hex"));
const back = (value: LabValue): LabValue => readObject(new ByteReader(encode(value)));

describe("objects on the wire, as a server was seen to send them (facts 3.5)", () => {
  it("a scalar: type, form, value", () => {
    expect(hex(int(1))).toBe("040001000000");
    expect(hex(bool(true))).toBe("010001");
    expect(hex(nothing)).toBe("000001");
    expect(hex(text("ab"))).toBe("1200616200");
  });

  it("a table with an INT and a STRING column", () => {
    const table: LabValue = {
      form: "table",
      name: "tname",
      columns: [
        { name: "a", type: "int", items: [1, 2] },
        { name: "b", type: "string", items: ["x", "y"] },
      ],
    };
    const captured = bytes(
      "00 06 02000000 02000000 746e616d6500 6100 6200 | 04 01 02000000 01000000 01000000 02000000 | 12 01 02000000 01000000 7800 7900",
    );
    expect(encode(table)).toEqual(captured);
    expect(readObject(new ByteReader(captured))).toEqual(table);
  });

  it("an empty vector of anything", () => {
    expect(hex({ form: "tuple", items: [] })).toBe("19010000000001000000");
  });

  it("symbols of a vector stand once in front of it; the first is the empty one", () => {
    const symbols: LabValue = { form: "vector", type: "symbol", items: ["b", null, "b"] };
    expect(encode(symbols)).toEqual(bytes("91 01 03000000 01000000 00000000 02000000 00 6200 01000000 00000000 01000000"));
    expect(back(symbols)).toEqual(symbols);
  });

  it("a UUID lies in reverse order", () => {
    const uuid: LabValue = { form: "scalar", type: "uuid", value: "00112233-4455-6677-8899-aabbccddeeff" };
    expect(hex(uuid)).toBe("1300ffeeddccbbaa99887766554433221100");
    expect(back(uuid)).toEqual(uuid);
  });

  it("big endian is understood", () => {
    expect(readObject(new ByteReader(bytes("04 00 00000001"), 0, false))).toEqual(int(1));
  });
});

const atoms: Readonly<Partial<Record<ScalarType, fc.Arbitrary<string | number | bigint | boolean | null>>>> = {
  bool: fc.option(fc.boolean()),
  char: fc.option(fc.integer({ min: -127, max: 127 })),
  short: fc.option(fc.integer({ min: -32_767, max: 32_767 })),
  int: fc.option(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 })),
  date: fc.option(fc.integer({ min: 0, max: 40_000 })),
  long: fc.option(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
  timestamp: fc.option(fc.bigInt({ min: 0n, max: 2n ** 50n })),
  double: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }).filter((value) => !Object.is(value, -0))),
  string: fc.option(fc.string({ minLength: 1 }).filter((each) => !each.includes("\0"))),
  symbol: fc.option(fc.string({ minLength: 1 }).filter((each) => !each.includes("\0"))),
  blob: fc.string(),
};
const typed = fc
  .constantFrom(...(Object.keys(atoms) as ScalarType[]))
  .chain((type) => fc.tuple(fc.constant(type), fc.array(atoms[type] ?? fc.constant(null))));
const values: fc.Arbitrary<LabValue> = fc.letrec<{ readonly value: LabValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    typed.map(([type, items]): LabValue => ({ form: "scalar", type, value: items[0] ?? (type === "blob" ? "" : null) })),
    typed.map(([type, items]): LabValue => ({ form: "vector", type, items })),
    typed.map(([type, items]): LabValue => ({ form: "set", type, items })),
    fc.array(tie("value")).map((items): LabValue => ({ form: "tuple", items })),
    fc
      .tuple(
        fc.array(
          fc.tuple(
            fc.string({ minLength: 1 }).filter((key) => !key.includes("\0")),
            tie("value"),
          ),
        ),
      )
      .map(([entries]): LabValue => ({
        form: "dictionary",
        keys: { form: "vector", type: "string", items: entries.map(([key]) => key) },
        values: { form: "tuple", items: entries.map(([, value]) => value) },
      })),
    fc.array(typed, { maxLength: 4 }).map((columns): LabValue => {
      const rows = Math.min(...columns.map(([, items]) => items.length), 5);
      return {
        form: "table",
        name: "t",
        columns: columns.map(([type, items], index) => ({ name: `c${String(index)}`, type, items: items.slice(0, rows) })),
      };
    }),
  ),
})).value;

describe("encode and decode", () => {
  it("give back what was given", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(back(value)).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it("tell bytes that are cut off, wherever they are", () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, cut) => {
        const whole = encode(value);
        expect(() => readObject(new ByteReader(whole.subarray(0, cut % whole.length)))).toThrow(Truncated);
      }),
      { numRuns: 100 },
    );
  });

  it("say what the lab does not carry", () => {
    expect(() => readObject(new ByteReader(bytes("25 00 02000000 01000000")))).toThrow(NotCarried);
    expect(() => readObject(new ByteReader(bytes("04 0a 02000000 01000000")))).toThrow(NotCarried);
  });

  it("a count that no bytes follow makes nobody allocate them", () => {
    expect(() => readObject(new ByteReader(bytes("04 01 ffffffff 01000000 01000000")))).toThrow(Truncated);
  });

  it("a LONG keeps every digit", () => {
    expect(back(long(9_007_199_254_740_993n))).toEqual(long(9_007_199_254_740_993n));
  });
});
