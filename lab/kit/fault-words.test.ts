import { expect, it } from "vitest";
import { numberIn, parseFaultWords, usagesOf, type FaultShapes } from "./fault-words.ts";

type Fault = { readonly kind: "kill"; readonly node: string } | { readonly kind: "delay"; readonly ms: number };
const shapes: FaultShapes<Fault> = {
  kill: { usage: "kill NODE", parse: ([node]) => (node === undefined ? null : { kind: "kill", node }) },
  delay: {
    usage: "delay ms=N",
    parse: (_, named) => {
      const ms = numberIn(named, "ms");
      return ms === null ? null : { kind: "delay", ms };
    },
  },
};

it("words and named values", () => {
  expect(parseFaultWords(shapes, ["kill", "n1"])).toEqual({ kind: "kill", node: "n1" });
  expect(parseFaultWords(shapes, ["delay", "ms=20"])).toEqual({ kind: "delay", ms: 20 });
  expect(usagesOf(shapes)).toEqual(["kill NODE", "delay ms=N"]);
});
it.each([
  [["kill"], "usage: kill NODE"],
  [["delay", "ms=-1"], "usage: delay ms=N"],
  [["delay", "ms=soon"], "usage: delay ms=N"],
  [["toString"], 'no fault "toString"'],
  [[], "no fault is named"],
])("%j is not understood: %s", (words, message) => expect(() => parseFaultWords(shapes, words)).toThrow(message));
