import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareLsn, lsnDistance, lsnFromNumber, lsnToNumber, recordEnd } from "./lsn.ts";

const position = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });

test("A position survives its text form, and texts compare as positions do", () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      expect(lsnToNumber(lsnFromNumber(a))).toBe(a);
      expect(Math.sign(compareLsn(lsnFromNumber(a), lsnFromNumber(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  expect(compareLsn(null, "0/0")).toBeLessThan(0);
  expect(compareLsn("0/0", null)).toBeGreaterThan(0);
  expect(compareLsn(null, null)).toBe(0);
  expect(lsnDistance("1/0", "0/FFFFFFFF")).toBe(1);
});
test("A text that is no position is an error", () => {
  for (const text of ["", "0", "0/", "/1", "0/123456789", "x/1"]) expect(() => lsnToNumber(text)).toThrow(RangeError);
});

const layout = { blockBytes: 8192, segmentBytes: 16 * 1024 * 1024 };
test("A record ends behind its bytes, and behind the page headers that it crosses", () => {
  expect(recordEnd("0/1500710", 114, layout)).toBe("0/1500788");
  // 16 bytes fit on the page, a header of 24, then 98 more.
  expect(recordEnd("0/1501FF0", 114, layout)).toBe("0/1502080");
  // The first page of a segment has a header of 40.
  expect(recordEnd("0/1FFFFF0", 114, layout)).toBe("0/2000090");
  // Exactly to the end of a page: nothing is crossed.
  expect(recordEnd("0/1501F88", 120, layout)).toBe("0/1502000");
});
test("The end lies behind the start by the record's bytes, at most one header for each page and the alignment", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 24, max: 100_000 }), (at, bytes) => {
      const page = 8192;
      const start = Math.floor(at / 8) * 8;
      const from = start % page < 40 ? start - (start % page) + 40 : start;
      const end = lsnToNumber(recordEnd(lsnFromNumber(BigInt(from)), bytes, layout));
      expect(Number(end) - from).toBeGreaterThanOrEqual(bytes);
      expect(Number(end) - from).toBeLessThanOrEqual(bytes + 7 + 40 * (Math.ceil(bytes / (page - 40)) + 1));
      expect(end % 8n).toBe(0n);
    }),
  );
});
