import { describe, expect, test } from "vitest";
import { opener, sealer } from "./seal.ts";

describe("a text that was sealed", () => {
  const sealed = sealer("words")("not-a-secret");
  test("is opened with the same words, in another process, too", () => {
    expect(opener("words")(sealed)).toBe("not-a-secret");
    expect(opener("words")(sealer("words")("other"))).toBe("other");
  });
  test("does not show what it holds, and is never the same twice", () => {
    expect(Buffer.from(sealed.split(".").at(-1) ?? "", "base64").toString()).not.toContain("secret");
    const seal = sealer("words");
    expect(seal("same")).not.toBe(seal("same"));
  });
  test("is not opened with other words, nor when it was changed", () => {
    expect(opener("other")(sealed)).toBeNull();
    const parts = sealed.split(".");
    const changed = Buffer.from(parts[4] ?? "", "base64");
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect(opener("words")([...parts.slice(0, 4), changed.toString("base64")].join("."))).toBeNull();
    expect(opener("words")("2.a.b.c.d")).toBeNull();
    expect(opener("words")("")).toBeNull();
  });
});
