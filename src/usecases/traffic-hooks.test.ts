import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refused, Unreachable } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import { trafficHooks } from "./traffic-hooks.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-hooks-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const fence = (signal: AbortSignal = AbortSignal.timeout(10_000)): Fence => ({ run: "orders", epoch: 1, connection: 1, signal });
const hooks = (pauseTraffic: readonly string[] | null, resumeTraffic: readonly string[] | null) =>
  trafficHooks({ hooks: { pauseTraffic, resumeTraffic, alert: null } });

describe("traffic hooks", () => {
  it("are there only when both are configured: what is paused must be resumed", () => {
    expect(hooks(null, null)).toBeNull();
    expect(hooks(["true"], null)).toBeNull();
    expect(hooks(["true"], ["true"])).not.toBeNull();
  });
  it("run the command with its arguments as they are", async () => {
    const file = join(directory, "a file");
    await hooks(["sh", "-c", 'echo "paused $1" > "$2"', "sh", "a b", file], ["true"])?.pause(fence());
    expect(readFileSync(file, "utf8")).toBe("paused a b\n");
  });
  it("say what the command said when it fails, and that nothing happened", async () => {
    const failing = hooks(["sh", "-c", "echo no proxy >&2; exit 3"], ["true"])?.pause(fence());
    await expect(failing).rejects.toThrow(/pauseTraffic ended with exit code 3: no proxy/);
    await expect(hooks(["/nowhere/proxy"], ["true"])?.pause(fence())).rejects.toBeInstanceOf(Refused);
  });
  it("ended at the deadline: unknown, not failed", async () => {
    const stopped = hooks(["sleep", "20"], ["true"])?.pause(fence(AbortSignal.timeout(50)));
    await expect(stopped).rejects.toBeInstanceOf(Unreachable);
    await expect(stopped).rejects.not.toBeInstanceOf(Refused);
  });
});
