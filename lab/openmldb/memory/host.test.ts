import { beforeEach, describe, expect, it } from "vitest";
import type { Fence } from "../../../src/model/fence.ts";
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { MemoryHost } from "./host.ts";
import { Machine } from "./machine.ts";
import { archiveOf, layOutRelease } from "./releases.ts";
import { digest } from "../../kit/trees.ts";

const home = "/opt/openmldb";
const endpoint = "127.0.0.1:10921";
const fence = (epoch: number, connection = 1): Fence => ({ run: "1", epoch, connection, signal: new AbortController().signal });

describe("a machine and its helper in memory", () => {
  let world: VirtualWorld;
  let disk: MemoryDisk;
  let local: MemoryDisk;
  let machine: Machine;
  let host: MemoryHost;
  /** Ends the component by itself. */
  let exit: (code: number) => void;
  /** A server answers /status from so many milliseconds after its start. */
  let bootMs: number;

  const run = async <T>(work: Promise<T>): Promise<T> => world.run(work);
  const script = async (...args: readonly string[]): Promise<string> =>
    (await run(host.run(fence(1), [`${home}/bin/start.sh`, ...args], { directory: home }))).stdout;
  const pid = async (): Promise<number> => Number((await run(host.readText(`${home}/bin/tablet.pid`))) ?? Number.NaN);

  beforeEach(() => {
    world = new VirtualWorld();
    const network = new VirtualNetwork(world);
    disk = new MemoryDisk();
    local = new MemoryDisk();
    bootMs = 0;
    machine = new Machine("h1", { clock: world, network, disk }, (_, __, ___, exited) => {
      let stop = (): void => {};
      world.after(bootMs, () => {
        void network.listen(endpoint, async () => ({ status: 200, body: "" })).then((listener) => (stop = () => listener.close()));
      });
      exit = (code) => (stop(), exited(code));
      return { endpoint, kill: () => stop() };
    });
    const errors = { fault: (code: string, message: string) => new Error(`${code} ${message}`) };
    host = new MemoryHost({ machine, clock: world, errors, local });
    layOutRelease(disk, home, "0.8.5");
  });

  it("start.sh starts, writes the pid file, and says so when it runs already [OM-5]", async () => {
    expect(await script("start", "tablet")).toBe("Start tablet success\n");
    const first = await pid();
    expect(await run(host.process(first))).toMatchObject({ pid: first, executable: `${home}/bin/openmldb` });
    expect(await script("start", "tablet")).toContain(`already running as process ${first}`);
    expect(machine.starts.get(`${home} tablet`)).toBe(1);
  });
  it("a start that fails says so in words, with exit code 0 and no pid file", async () => {
    bootMs = 60_000;
    const started = host.run(fence(1), [`${home}/bin/start.sh`, "start", "tablet"], { timeoutMs: 60_000 });
    expect(await run(started)).toMatchObject({ code: 0, stdout: expect.stringContaining("failed") as string });
    expect(await pid()).toBeNaN();
  });
  it("a time-out of the command says nothing of its effect", async () => {
    const started = host.run(fence(1), [`${home}/bin/start.sh`, "start", "tablet"], { timeoutMs: 1_000 });
    await expect(run(started)).rejects.toThrow("SW3003");
    await world.advance(5_000);
    expect(await pid()).not.toBeNaN();
  });
  it("stop kills at once, and says success whatever was there", async () => {
    await script("start", "tablet");
    const before = world.now();
    expect(await script("stop", "tablet")).toBe("Stop tablet success\n");
    expect(world.now() - before).toBeGreaterThanOrEqual(3_000);
    expect(machine.isRunning(home, "tablet")).toBe(false);
    expect(await script("stop", "tablet")).toContain("no tablet to stop");
  });
  it("mon has the pid file, its child another; it starts the child again after ten seconds [OM-5] [OM-6]", async () => {
    await script("start", "tablet", "mon");
    const child = Number(await run(host.readText(`${home}/bin/tablet.pid.child`)));
    expect((await run(host.process(await pid())))?.executable).toBe(`${home}/bin/mon`);
    exit(1);
    expect(await run(host.process(child))).toBeNull();
    await world.advance(10_000);
    expect(Number(await run(host.readText(`${home}/bin/tablet.pid.child`)))).not.toBe(child);
    expect(await script("stop", "tablet")).toContain("mon mode");
    await world.advance(20_000);
    expect(machine.processes()).toEqual([]);
  });
  it("a mon that was killed leaves its child [OM-7]", async () => {
    await script("start", "tablet", "mon");
    machine.killMonAlone(await pid());
    expect(machine.isRunning(home, "tablet")).toBe(true);
  });

  it("a release is uploaded, unpacked, swapped in and runs as what it is", async () => {
    local.write("/r.tar.gz", archiveOf("0.9.2"));
    await run(host.upload(fence(1), "/r.tar.gz", "/keep/r.tar.gz", digest(archiveOf("0.9.2"))));
    await run(host.unpack(fence(1), "/keep/r.tar.gz", "/keep/new"));
    const [name] = await run(host.list("/keep/new"));
    await run(host.backup(fence(1), [`${home}/bin`, `${home}/conf`], "/backup/1"));
    const change = { path: `${home}/bin`, replacement: `/keep/new/${name}/bin`, previous: "/backup/bin-before" };
    await run(host.swap(fence(1), change));
    await run(host.swap(fence(1), change)); // a second call finds nothing to do
    expect((await run(host.query([`${home}/bin/openmldb`, "--version"]))).stdout).toBe("openmldb version 0.9.2-lab\n");
    await run(host.restore(fence(1), "/backup/1"));
    expect((await run(host.query([`${home}/bin/openmldb`, "--version"]))).stdout).toBe("openmldb version 0.8.5-lab\n");
  });
  it("an older epoch, and an older connection of the same one, are refused", async () => {
    host.raise(2, 5);
    await expect(run(host.writeFile(fence(1, 9), "/x", ""))).rejects.toThrow("SW3010");
    await expect(run(host.writeFile(fence(2, 4), "/x", ""))).rejects.toThrow("SW3010");
    await run(host.writeFile(fence(2, 5), "/x", "a"));
    await run(host.writeFile(fence(3, 1), "/x", "b", { expected: digest("a") }));
    await expect(run(host.writeFile(fence(3), "/x", "c", { expected: null }))).rejects.toThrow("SW3011");
    expect(await run(host.readText("/x"))).toBe("b");
  });
  it("a command that the machine does not have is an error, never a success", async () => {
    await expect(run(host.query(["curl", "http://x"]))).rejects.toThrow("has no command");
  });
});
