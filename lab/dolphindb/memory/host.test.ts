import { beforeEach, describe, expect, it } from "vitest";
import type { Fence } from "../../../src/model/fence.ts";
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { digest } from "../../kit/trees.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { MemoryHost } from "./host.ts";
import { Machine } from "./machine.ts";
import { contentOf, packageName, packageOf, releaseOfBinary, unzip } from "./releases.ts";

const server = "/opt/dolphindb/server";
const demo = `${server}/clusterDemo`;
const fence = (epoch: number, connection = 1): Fence => ({ run: "1", epoch, connection, signal: new AbortController().signal });
const NEW = packageOf("2.00.8.12");

describe("a DolphinDB machine and its helper in memory", () => {
  let world: VirtualWorld;
  let disk: MemoryDisk;
  let local: MemoryDisk;
  let machine: Machine;
  let host: MemoryHost;
  /** How long a process takes from SIGTERM to its end; Infinity: it does not end. */
  let stopMs: number;

  const run = async <T>(work: Promise<T>): Promise<T> => world.run(work);
  const script = (argv: readonly string[], options: { readonly input?: string; readonly environment?: Record<string, string> } = {}) =>
    run(host.run(fence(1), argv, { directory: demo, ...options }));
  const upgrade = (shell: string, input: string, terminal?: string) =>
    script([shell, "upgrade.sh"], { input, environment: terminal === undefined ? {} : { TERM: terminal } });
  const installed = () => releaseOfBinary(disk.read(`${server}/dolphindb`));

  beforeEach(() => {
    world = new VirtualWorld();
    const network = new VirtualNetwork(world);
    disk = new MemoryDisk();
    local = new MemoryDisk();
    stopMs = 1_000;
    machine = new Machine("h1", { clock: world, disk }, (_, __, ended) => {
      let gone = false;
      return {
        terminate: () => {
          if (stopMs < Infinity) world.after(stopMs, () => gone || ended(0));
        },
        kill: () => (gone = true),
      };
    });
    const errors = { fault: (code: string, message: string) => new Error(`${code} ${message}`) };
    host = new MemoryHost({ machine, network, clock: world, errors, local });
    unzip(disk, packageOf("2.00.7.4"), "/opt/dolphindb");
  });

  it("start scripts leave a process with the vendor's command line in the directory of the cluster, and never fail", async () => {
    expect(await script(["sh", "startController.sh"])).toMatchObject({ code: 0 });
    const { stdout } = await run(host.query(["pgrep", "-f", "[d]olphindb.*-mode controller"]));
    const pid = Number(stdout);
    expect(await run(host.process(pid))).toMatchObject({ pid, executable: `${server}/dolphindb` });
    expect((await run(host.query(["readlink", "-f", `/proc/${String(pid)}/cwd`]))).stdout).toBe(`${demo}\n`);
    disk.remove(`${server}/dolphindb`);
    expect(await script(["sh", "startAgent.sh"])).toMatchObject({ code: 0 });
    expect(machine.find(demo, "agent")).toBeNull();
  });
  it("stopAllNode.sh asks every role at once and returns before any has ended", async () => {
    await script(["sh", "startController.sh"]);
    await script(["sh", "startAgent.sh"]);
    await script(["sh", "stopAllNode.sh"]);
    expect(machine.processes()).toHaveLength(2);
    await world.advance(1_100);
    expect(machine.processes()).toEqual([]);
  });

  describe("upgrade.sh", () => {
    beforeEach(() => disk.write(`${demo}/${packageName(NEW)}`, contentOf(NEW)));

    it("replaces the files, keeps the operator's, and removes the package", async () => {
      disk.write(`${server}/dolphindb.lic`, "ours\n");
      disk.write(`${demo}/config/controller.cfg`, "ours\n");
      expect(await upgrade("bash", "y\n2\n2.00.8.12\n", "xterm")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("UpgradeSuccess") as string,
      });
      expect(installed()).toBe("2.00.8.12");
      expect(disk.read(`${server}/dolphindb.lic`)).toBe("ours\n");
      expect(disk.read(`${demo}/config/controller.cfg`)).toBe("ours\n");
      expect(disk.read(`${demo}/${packageName(NEW)}`)).toBeNull();
    });
    it("ends with 0 and the old binary in place when the package is not there", async () => {
      expect(await upgrade("bash", "y\n2\n2.00.9.1\n", "xterm")).toMatchObject({ code: 0, stdout: "UpLoadFailure\n" });
      expect(installed()).toBe("2.00.7.4");
    });
    it("says nothing without a terminal, and does not run in dash", async () => {
      expect(await upgrade("bash", "y\n2\n2.00.8.12\n")).toMatchObject({ code: 1, stdout: "" });
      expect(await upgrade("bash", "y\n2\n2.00.8.12\n", "dumb")).toMatchObject({ code: 1, stdout: "" });
      expect(await upgrade("sh", "y\n2\n2.00.8.12\n", "xterm")).toMatchObject({ code: 2 });
      expect(installed()).toBe("2.00.7.4");
    });
    it("kills whatever still runs from those files", async () => {
      await script(["sh", "startController.sh"]);
      await upgrade("bash", "y\n2\n2.00.8.12\n", "xterm");
      expect(machine.processes()).toEqual([]);
      expect(machine.ends.at(-1)).toMatchObject({ code: null });
    });
  });

  describe("services", () => {
    const unit = "dolphindb-controller.service";
    beforeEach(() => machine.services.add({ name: unit, role: "controller", directory: demo, restart: "always", restartAfter: 10_000 }));
    const pid = () => machine.services.show(unit)?.pid ?? null;

    it("one with Restart=always is back ten seconds after it was stopped behind systemd's back", async () => {
      await run(host.run(fence(1), ["systemctl", "--no-block", "start", "--", unit]));
      const first = pid();
      await run(host.run(fence(1), ["kill", "-TERM", String(first)]));
      await world.advance(12_000);
      expect(pid()).not.toBeNull();
      expect(pid()).not.toBe(first);
    });
    it("systemctl stop waits, and keeps it down", async () => {
      machine.services.start(unit);
      await run(host.run(fence(1), ["systemctl", "stop", unit], { timeoutMs: 120_000 }));
      expect(pid()).toBeNull();
      await world.advance(60_000);
      expect(pid()).toBeNull();
    });
    it("systemctl stop kills what does not end", async () => {
      stopMs = Infinity;
      machine.services.start(unit);
      const before = world.now();
      await run(host.run(fence(1), ["systemctl", "stop", unit], { timeoutMs: 120_000 }));
      expect(world.now() - before).toBeGreaterThanOrEqual(90_000);
      expect(machine.ends.at(-1)).toMatchObject({ code: null });
    });
    it("a drop-in of this boot counts after daemon-reload, and is gone with its file", async () => {
      const dropIn = `/run/systemd/system/${unit}.d/50-stillwater.conf`;
      await run(host.writeFile(fence(1), dropIn, "[Service]\nRestart=no\n"));
      const restart = async () => (await run(host.query(["systemctl", "show", "--property=Restart", "--value", "--", unit]))).stdout;
      expect(await restart()).toBe("always\n");
      await run(host.run(fence(1), ["systemctl", "daemon-reload"]));
      expect(await restart()).toBe("no\n");
      await run(host.removeFile(fence(1), dropIn));
      await run(host.run(fence(1), ["systemctl", "daemon-reload"]));
      expect(await restart()).toBe("always\n");
    });
  });

  it("a package is uploaded, unpacked and swapped in; a full disk leaves nothing behind", async () => {
    local.write("/p.zip", contentOf(NEW));
    const upload = () => run(host.upload(fence(1), "/p.zip", "/keep/p.zip", digest(contentOf(NEW))));
    machine.fullBelow.add("/keep");
    await expect(upload()).rejects.toThrow("SW3012");
    expect(await run(host.stat("/keep/p.zip"))).toEqual({ kind: "absent" });
    machine.fullBelow.clear();
    await upload();
    await run(host.unpack(fence(1), "/keep/p.zip", "/keep/new"));
    await run(host.swap(fence(1), { path: `${server}/dolphindb`, replacement: "/keep/new/server/dolphindb", previous: "/keep/old" }));
    expect(installed()).toBe("2.00.8.12");
    expect(releaseOfBinary(disk.read("/keep/old"))).toBe("2.00.7.4");
  });
  it("an older epoch is refused; a command that the machine does not have is an error, never a success", async () => {
    host.raise(2, 1);
    await expect(script(["sh", "startController.sh"])).rejects.toThrow("SW3010");
    expect(machine.starts).toEqual([]);
    await expect(run(host.query(["curl", "http://x"]))).rejects.toThrow("has no command");
  });
});
