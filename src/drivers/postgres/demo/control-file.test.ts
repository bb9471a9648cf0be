import { expect, test } from "vitest";
import { formatPosition, parsePosition, segmentOf } from "./control-file.ts";

test("a log position is read and written as PostgreSQL prints it", () => {
  expect(parsePosition("0/5A12F90")).toBe(0x5a1_2f90n);
  expect(parsePosition("1A/0")).toBe(0x1a_0000_0000n);
  expect(formatPosition(parsePosition("1A/F00000D"))).toBe("1A/F00000D");
});

test("positions compare by value, not as text", () => {
  expect(parsePosition("0/9000000") < parsePosition("0/10000000")).toBe(true);
});

test("the segment of a position has the name that the server gives it", () => {
  expect(segmentOf(1, parsePosition("0/30009C8"))).toBe("000000010000000000000003");
  expect(segmentOf(2, parsePosition("1A/FF000000"))).toBe("000000020000001A000000FF");
});
