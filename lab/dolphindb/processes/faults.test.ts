import { describe, expect, it } from "vitest";
import { parseFault } from "./faults.ts";

describe("faults as they are typed", () => {
  it.each([
    ["kill node1", { kind: "kill", node: "node1" }],
    ["cut node1", { kind: "cut", node: "node1", from: "*" }],
    ["cut-hosts h1 h2", { kind: "cut-hosts", one: "h1", other: "h2" }],
    ["lose-reply ctl1 stopDataNode count=2", { kind: "lose-reply", node: "ctl1", words: "stopDataNode", count: 2 }],
    ["delay node1 ms=50", { kind: "delay", node: "node1", ms: 50 }],
    ["defect node1 withhold-report", { kind: "defect", node: "node1", defect: "withhold-report" }],
    ["clear", { kind: "clear" }],
  ])("%s", (words, fault) => {
    expect(parseFault(words.split(" "))).toEqual(fault);
  });
  it.each(["delay node1", "defect node1 nonsense", "kill"])("%s is told how it is written", (words) => {
    expect(() => parseFault(words.split(" "))).toThrow("usage: ");
  });
  it("what there is not is told with what there is", () => {
    expect(() => parseFault(["explode"])).toThrow("cut-hosts HOST HOST");
  });
});
