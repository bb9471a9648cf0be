import { expect, test } from "vitest";
import { asJson, canonicalJson, writeCanonicalJson } from "./json.ts";

const large = Object.fromEntries(
  Array.from({ length: 2_000 }, (_, index) => [`name ${String(index)}`, { b: [index, null, true], a: '\u{1F600} " \\ \n', gone: undefined }]),
);

test("keys are sorted, what is undefined is left out, whatever the depth", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined, A: false })).toBe('{"A":false,"b":[1,{"c":"x","d":null}]}');
});
test("the canonical text is JSON and says the same", () => {
  expect(JSON.parse(canonicalJson(large))).toEqual(JSON.parse(JSON.stringify(large)));
});
test("no piece is much longer than another, and together they are the text", () => {
  const pieces: string[] = [];
  writeCanonicalJson(large, (piece) => pieces.push(piece));
  expect(pieces.length).toBeGreaterThan(3);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000);
  expect(pieces.join("")).toBe(canonicalJson(large));
});
test.each([[undefined], [Number.NaN], [() => 1], [{ a: Number.POSITIVE_INFINITY }], [[undefined]], [1n]])("%s is refused", (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
  expect(() => asJson(value)).toThrow(TypeError);
});

test("what is JSON already stays the same object; else only what must change is copied", () => {
  const kept = { list: [1, { x: null }], text: "" };
  expect(asJson(kept)).toBe(kept);
  const copied = asJson({ kept, gone: undefined, zero: -0 });
  expect(copied).toStrictEqual({ kept, zero: 0 });
  expect((copied as { readonly kept: unknown }).kept).toBe(kept);
});
test("asJson gives what is read back from the text", () => {
  expect(asJson(large)).toStrictEqual(JSON.parse(JSON.stringify(large)));
});
