import { describe, expect, it } from "vitest";
import { faultUsages, parseFault } from "./faults.ts";

describe("parseFault", () => {
  it("understands every usage that it shows", () => {
    const examples: readonly (readonly [string, object])[] = [
      ["kill tablet1", { kind: "kill", node: "tablet1", what: "component" }],
      ["kill tablet1 mon", { kind: "kill", node: "tablet1", what: "mon" }],
      ["freeze ns1", { kind: "freeze", node: "ns1" }],
      ["thaw ns1", { kind: "thaw", node: "ns1" }],
      ["cut tablet1", { kind: "cut", node: "tablet1", from: "*" }],
      ["cut tablet1 ns2", { kind: "cut", node: "tablet1", from: "ns2" }],
      ["lose-reply ns1 ChangeLeader", { kind: "lose-reply", node: "ns1", path: "ChangeLeader", count: 1 }],
      ["lose-reply ns1 ChangeLeader count=3", { kind: "lose-reply", node: "ns1", path: "ChangeLeader", count: 3 }],
      ["delay ns1 ms=20", { kind: "delay", node: "ns1", ms: 20 }],
      [
        "slow-replication tablet1 tablet2 ms=50 per-second=10",
        { kind: "slow-replication", node: "tablet1", to: "tablet2", delayMs: 50, perSecond: 10 },
      ],
      ["slow-replication tablet1 per-second=0", { kind: "slow-replication", node: "tablet1", to: "*", perSecond: 0 }],
      ["expire-session tm1", { kind: "expire-session", node: "tm1" }],
      ["fail-task kSelectLeader op=kChangeLeaderOP", { kind: "fail-task", task: "kSelectLeader", op: "kChangeLeaderOP" }],
      ["delay-task kSelectLeader ms=5", { kind: "delay-task", task: "kSelectLeader", ms: 5 }],
      ["fail-follow-of-no-one tablet3", { kind: "fail-follow-of-no-one", node: "tablet3" }],
      ["clear", { kind: "clear" }],
    ];
    for (const [line, fault] of examples) expect(parseFault(line.split(" ")), line).toEqual(fault);
    const kinds = new Set(examples.map(([line]) => line.split(" ")[0]));
    expect(faultUsages.filter((usage) => !kinds.has(usage.split(" ")[0]))).toEqual([]);
  });

  it("says what there is when it does not understand", () => {
    expect(() => parseFault(["explode"])).toThrow(/kill NODE/);
    expect(() => parseFault(["slow-replication", "tablet1"])).toThrow("usage: slow-replication");
    expect(() => parseFault(["kill", "tablet1", "host"])).toThrow("usage: kill");
    expect(() => parseFault(["delay", "ns1", "ms=-4"])).toThrow("usage: delay");
  });
});
