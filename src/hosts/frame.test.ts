import { array, assert, integer, property, record, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeRequest, greeting, ReplyReader, type KeptTexts, type Reply } from "./frame.ts";

describe("frames", () => {
  test("a value of one line stands behind an equals sign, others are counted, and content is in lines of base64", () => {
    const body = new Uint8Array(3_073);
    const lines = encodeRequest(7, { verb: "run", values: ["a b", "", "x\ny\n", "=1"], body })
      .toString()
      .split("\n");
    expect(lines.slice(0, 8)).toEqual(["7 run 4 2", "=a b", "=", "2", "x", "y", "", "==1"]);
    expect(lines.slice(8).map((line) => line.length)).toEqual([4_096, 4, 3, 0]);
    expect(lines.at(-2)).toBe("end");
  });
  test("a long text is sent once on a connection, and named by its number afterwards; nothing counts as sent that was refused", () => {
    const kept: KeptTexts = new Map();
    const script = "echo one\n".repeat(40);
    const values = (...sent: readonly string[]): readonly string[] =>
      encodeRequest(1, { verb: "query", values: sent }, kept).toString().split("\n").slice(1, -2);
    expect(() => values(script, "a\0b")).toThrow(/NUL/);
    expect(values(script, "x")).toEqual(["40 1", ...Array.from({ length: 40 }, () => "echo one"), "", "=x"]);
    expect(values(script, `${script}#`, script, "a\nb")).toEqual([
      "@1",
      "40 2",
      ...Array.from({ length: 40 }, () => "echo one"),
      "#",
      "@1",
      "1",
      "a",
      "b",
    ]);
  });
  test("what no command can take is refused before it is sent", () => {
    expect(() => encodeRequest(1, { verb: "run", values: ["a\0b"] })).toThrow(/NUL/);
    expect(() => encodeRequest(1, { verb: "run", values: ["\ud800"] })).toThrow(/well-formed/);
  });
  test("replies are found however the bytes are cut", () => {
    const payload = uint8Array({ maxLength: 200 });
    assert(
      property(array(record({ out: payload, err: payload })), array(integer({ min: 1, max: 50 }), { minLength: 1 }), (replies, cuts) => {
        const parts = [Buffer.from(`Welcome to this host\n1 ok 0 5 0\n${greeting}\n`)];
        replies.forEach(({ out, err }, n) =>
          parts.push(Buffer.from(`${n + 1} ok ${n} ${out.length} ${err.length}\n`), Buffer.from(out), Buffer.from(err)),
        );
        const all = Buffer.concat(parts);
        const reader = new ReplyReader();
        const seen: Reply[] = [];
        for (let at = 0, n = 0; at < all.length; n++) {
          const size = cuts[n % cuts.length] ?? 1;
          seen.push(...reader.push(all.subarray(at, at + size)));
          at += size;
        }
        expect(seen.map(({ id, status, code, out, err }) => ({ id, status, code, out: [...out], err: [...err] }))).toEqual(
          replies.map(({ out, err }, n) => ({ id: n + 1, status: "ok", code: String(n), out: [...out], err: [...err] })),
        );
      }),
      { numRuns: 60 },
    );
  });
  test("bytes that are no replies are refused, and noise has a limit", () => {
    const reader = new ReplyReader();
    reader.push(Buffer.from(`${greeting}\n`));
    expect(() => reader.push(Buffer.from("sh: out of memory\n"))).toThrow(/not a reply/);
    expect(() => new ReplyReader().push(Buffer.alloc(100_000, "noise\n"))).toThrow(/no greeting/);
    expect(() => new ReplyReader().push(Buffer.alloc(100_000, "noise"))).toThrow(/64 KiB/);
  });
});
