import { describe, expect, it } from "vitest";
import { differences, fill, pointed } from "./match.ts";

describe("patterns of expected exchanges", () => {
  it("literals match themselves, other keys are not looked at", () => {
    expect(differences({ code: 0 }, { code: 0, msg: "ok" })).toEqual([]);
    expect(differences({ code: 0 }, { code: 300 })).toEqual(["/code: want 0, have 300"]);
    expect(differences({ code: 0, $only: true }, { code: 0, msg: "ok" })).toEqual(['/msg: want nothing, have "ok"']);
  });
  it("an empty list is not an absent one", () => {
    expect(differences({ op_status: "$absent" }, {})).toEqual([]);
    expect(differences({ op_status: "$absent" }, { op_status: [] })).toHaveLength(1);
  });
  it("lists: some, every, none, at least", () => {
    const list = [{ a: 1 }, { a: 2 }];
    expect(differences({ $some: [{ a: 2 }] }, list)).toEqual([]);
    expect(differences({ $some: [{ a: 3 }] }, list)).toHaveLength(1);
    expect(differences({ $every: { a: "$positive" }, $atLeast: 3 }, list)).toEqual(["answer: want 3 or more, have 2"]);
    expect(differences({ $none: { a: 1 } }, list)).toHaveLength(1);
  });
  it("texts and alternatives", () => {
    expect(differences({ $like: "^0\\.9" }, "0.9.2-abc")).toEqual([]);
    expect(differences({ $oneOf: [0, 1] }, 2)).toHaveLength(1);
    expect(() => differences("$nonsense", 1)).toThrow("there is no pattern");
  });
  it("variables keep their type where they stand alone", () => {
    const variables = new Map<string, string | number>([["tid", 6]]);
    expect(fill({ a: "{{tid}}", b: "tid {{tid}}" }, variables)).toEqual({ a: 6, b: "tid 6" });
    expect(() => fill("{{pid}}", variables)).toThrow("{{pid}}");
    expect(pointed({ a: [{ b: 7 }] }, "/a/0/b")).toBe(7);
  });
});
