import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fault, status, upAsTyped } from "./index.ts";

const rest = { directory: "/nowhere", log: () => {} };

describe("what is typed after `lab`", () => {
  it("a system without a lab is told which ones have one", async () => {
    await expect(upAsTyped("oracle", {}, rest)).rejects.toThrow("no lab of oracle; there is one of openmldb, dolphindb, cdap");
  });
  it("an option of another lab is refused, one that was not given is none", async () => {
    await expect(upAsTyped("dolphindb", { tablets: 3, hosts: undefined }, rest)).rejects.toThrow("a lab of dolphindb has no tablets; it has hosts");
    await expect(upAsTyped("openmldb", { hosts: 3 }, rest)).rejects.toThrow("a lab of openmldb has no hosts");
  });
  it("values that make no cluster are refused before anything is written", async () => {
    await expect(upAsTyped("dolphindb", { hosts: 2, controllers: 3 }, rest)).rejects.toThrow("2 hosts have room for 2");
    await expect(upAsTyped("dolphindb", { hosts: 2, replicas: 3 }, rest)).rejects.toThrow("2 hosts cannot hold 3");
    await expect(upAsTyped("dolphindb", { release: "newest" }, rest)).rejects.toThrow("a version such as");
  });
  it("a directory without a lab, and one with a lab of another kind", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lab-index-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    await expect(status(directory)).rejects.toThrow("holds no lab");
    writeFileSync(join(directory, "lab.json"), '{"lab":"oracle"}');
    await expect(fault(directory, ["kill", "x"])).rejects.toThrow("no lab that this Stillwater knows");
  });
});
