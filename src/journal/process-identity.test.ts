import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isDead, judge, operatorName, parseStat, thisHolder, type Surroundings } from "./process-identity.ts";

const holder = { operator: "ana", host: "jump1", pid: 42, startTicks: 1000, bootId: "boot-a pid:[1]", verb: "apply" };
const here: Surroundings = { host: "jump1", bootId: "boot-a pid:[1]", exists: () => true, processState: () => ({ startTicks: 1000, state: "S" }) };

describe("a holder is dead", () => {
  const cases: readonly (readonly [string, Partial<Surroundings>, boolean])[] = [
    ["never while it runs", {}, false],
    ["when its pid is gone", { exists: () => false }, true],
    ["when its pid is another process by now", { processState: () => ({ startTicks: 1001, state: "S" }) }, true],
    ["when nobody has waited for it yet (a zombie)", { processState: () => ({ startTicks: 1000, state: "Z" }) }, true],
    ["when the machine was started again", { bootId: "boot-b pid:[1]" }, true],
    ["never by guess: the process may not be looked at", { processState: () => null }, false],
    ["never by guess: another machine", { host: "jump2", exists: () => false }, false],
    ["never by guess: another machine of another boot", { host: "jump2", bootId: "boot-b pid:[1]" }, false],
    ["never by guess: another pid namespace of this machine", { bootId: "boot-a pid:[2]", exists: () => false }, false],
  ];
  for (const [name, change, dead] of cases) it(name, () => expect(judge(holder, { ...here, ...change })).toBe(dead));
});

describe("this process", () => {
  it("is alive, and knows itself", () => {
    const self = thisHolder("apply");
    expect(self).toMatchObject({ pid: process.pid, verb: "apply" });
    expect(self.startTicks).toBeGreaterThan(0);
    expect(self.bootId).toMatch(/^[0-9a-f-]{36} pid:\[\d+\]$/);
    expect(isDead(self)).toBe(false);
    expect(isDead({ ...self, startTicks: self.startTicks - 1 })).toBe(true);
  });
  it("sees that a child was killed", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const pid = child.pid!;
    const { startTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    const held = { ...thisHolder("apply"), pid, startTicks };
    expect(isDead(held)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isDead(held)).toBe(true);
  });
});

describe("the operator", () => {
  it("is the person behind sudo", () => expect(operatorName({ SUDO_USER: "ana", USER: "root" })).toBe("ana"));
  it("is the user otherwise", () => expect(operatorName({ SUDO_USER: "", USER: "ben" })).toBe("ben"));
  it("has a name without any variable", () => expect(operatorName({})).not.toBe(""));
});

describe("/proc/PID/stat", () => {
  it("is read after the last bracket of the program's name", () => {
    const tail = "S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 110312 3133440";
    expect(parseStat(`42 (a) b (c)) ${tail}`)).toEqual({ state: "S", startTicks: 110_312 });
  });
  it("is not guessed when it is cut off", () => expect(parseStat("42 (cat) R 1 2")).toBeNull());
});
