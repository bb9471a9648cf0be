// What every transport must keep. A transport's test calls this with a way to open connections to a host of its own.
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, assert, asyncProperty, boolean, constantFrom, oneof, string } from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fence } from "../model/fence.ts";
import type { HostConnection } from "./connection.ts";
import { conformsInClaims } from "./conformance-claims.ts";
import { conformsInTrees } from "./conformance-trees.ts";
import { claimed, until } from "./testing/claims.ts";

/** A host for tests, on this machine. */
export interface HostFixture {
  /** A new connection object; the suite closes it. */
  open(cluster: string): HostConnection;
  /** An empty directory that the host's user may write. */
  readonly directory: string;
  close(): Promise<void>;
}
export interface Bench {
  readonly host: HostConnection;
  readonly fence: Fence;
  /** Another connection to the same host and cluster. */
  readonly another: () => HostConnection;
  /** A path on the host that nobody has used. */
  readonly path: (name: string) => Promise<string>;
  /** Reports the test as skipped, with the reason. */
  readonly skip: (reason: string) => void;
}
type Benches = (skip: (reason: string) => void) => Promise<Bench>;

/** `start` answers `skip` when this machine cannot have such a host: everything is then reported as skipped, with that reason. */
export function hostConformance(
  name: string,
  start: () => Promise<HostFixture | { readonly skip: string }>,
  options: { readonly runs?: number; readonly parts?: readonly Part[] } = {},
): void {
  describe(name, () => {
    let fixture: HostFixture | null = null;
    let skip = "";
    let clusters = 0;
    const open: HostConnection[] = [];

    beforeAll(async () => {
      const started = await start();
      if ("skip" in started) skip = started.skip;
      else fixture = started;
    }, 120_000);
    afterEach(async () => {
      for (const host of open.splice(0)) await host.close();
    });
    afterAll(async () => fixture?.close());

    const bench: Benches = async (skipped) => {
      if (!fixture) throw new Error("no host");
      const { directory } = fixture;
      const held = fixture;
      const cluster = `c${++clusters}`;
      const another = (): HostConnection => {
        const host = held.open(cluster);
        open.push(host);
        return host;
      };
      const host = another();
      const fence = await claimed(host, 1);
      const path = async (leaf: string): Promise<string> => {
        const own = join(directory, cluster);
        await host.makeDirectory(fence, own, "0755");
        return join(own, leaf);
      };
      return { host, fence, another, path, skip: skipped };
    };
    const check: Check = (title, body, timeout = 30_000) =>
      test(title, { timeout }, async (context) => {
        if (skip) context.skip(skip);
        await body(await bench((reason) => context.skip(reason)));
      });

    const parts = options.parts ?? allParts;
    if (parts.includes("commands")) conformsInCommands(check, options.runs ?? 25);
    if (parts.includes("files")) conformsInFiles(check);
    if (parts.includes("claims")) conformsInClaims(check);
    if (parts.includes("trees")) conformsInTrees(check);
  });
}
const allParts = ["commands", "files", "claims", "trees"] as const;
type Part = (typeof allParts)[number];
export type Check = (title: string, body: (bench: Bench) => Promise<void>, timeout?: number) => void;

function conformsInCommands(check: Check, runs: number): void {
  check("arguments arrive as they were given", async ({ host, fence }) => {
    const argument = oneof(
      string({ unit: "binary", maxLength: 40 }),
      string({ unit: constantFrom("\n", "'", '"', "\\", "$", "`", " ", "\t", "=", "-", "*", "\r", "é", "😀", "\u0081", "a"), maxLength: 12 }),
    );
    const clean = argument.map((text) => text.replaceAll("\0", ""));
    await assert(
      asyncProperty(array(clean, { maxLength: 6 }), boolean(), async (argv, effect) => {
        const command = ["printf", "%s\\0", ...argv, "end"];
        const result = effect ? await host.run(fence, command) : await host.query(command);
        expect(result).toEqual({ code: 0, stdout: [...argv, "end", ""].join("\0"), stderr: "" });
      }),
      { numRuns: runs },
    );
  });
  check("environment, directory and standard input arrive as they were given", async ({ host, path }) => {
    const directory = await path("");
    const input = "first\n\u0000\u0001 ünd 'quotes'\n".repeat(300);
    const result = await host.query(["sh", "-c", 'pwd; printf "%s|" "$SW_A" "$SW_B"; cat'], {
      environment: { SW_A: "a\nb'$(id)", SW_B: "" },
      directory,
      input,
    });
    expect(result.stdout).toBe(`${directory.replace(/\/$/, "")}\na\nb'$(id)||${input}`);
  });
  check("exit code, output and complaints are kept apart; signals and missing commands have the usual codes", async ({ host, fence }) => {
    expect(await host.run(fence, ["sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect((await host.query(["sh", "-c", "kill -9 $$"])).code).toBe(137);
    expect((await host.query(["/nowhere/at-all"])).code).toBe(127);
    expect((await host.query(["true"], { directory: "/nowhere" })).code).toBe(125);
  });
  check("output of any size and kind arrives whole", async ({ host }) => {
    const { stdout } = await host.query(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"]);
    expect(stdout.length).toBe(3_000_000);
    expect(stdout.replaceAll("x", "")).toBe("");
    await expect(host.query(["sh", "-c", "head -c 20000000 /dev/zero"])).rejects.toMatchObject({ code: "SW3004" });
  });
  check("short output arrives whole, too: with NUL, without a last line break, and of who opens the file anew", async ({ host, fence }) => {
    const said = async (script: string): Promise<readonly [string, string]> => {
      const { stdout, stderr } = await host.run(fence, ["sh", "-c", script]);
      return [stdout, stderr];
    };
    expect(await said("printf 'a\\000b\\n\\000'; printf 'é\\n\\nlast' >&2")).toEqual(["a\0b\n\0", "é\n\nlast"]);
    expect(await said("printf '\\n\\n'; echo x >&2; printf 'longer than\\nthat\\n' >/dev/stderr")).toEqual(["\n\n", "longer than\nthat\n"]);
    for (const length of [8_191, 8_192, 16_384, 20_000]) {
      const [stdout, stderr] = await said(`head -c ${length} /dev/zero | tr '\\0' x; head -c ${length} /dev/zero | tr '\\0' '\\n' >&2`);
      expect([stdout, stderr]).toEqual(["x".repeat(length), "\n".repeat(length)]);
    }
  });
  check("a command that leaves behind who prints without end is answered all the same", async ({ host, fence }) => {
    const { stdout } = await host.run(fence, ["sh", "-c", "(while :; do echo noise; done) & echo $!"]);
    try {
      expect((await host.query(["echo", "still here"])).stdout).toBe("still here\n");
    } finally {
      await host.run(fence, ["kill", String(Number(/\d+/.exec(stdout)?.[0]))]);
    }
  });
  check("a command that does not end in time is killed, and that is unknown, not failed", async ({ host, fence, path }) => {
    const file = await path("late");
    const started = Date.now();
    await expect(host.run(fence, ["sh", "-c", `sleep 5; echo late >${file}`], { timeoutMs: 300 })).rejects.toMatchObject({
      code: "SW3003",
      name: "Unreachable",
    });
    expect(Date.now() - started).toBeLessThan(4_000);
    expect((await host.query(["true"])).code).toBe(0);
    expect(await host.stat(file)).toEqual({ kind: "absent" });
  });
  check("a daemon that a command leaves behind holds neither the answer nor the lock", async ({ host, fence }) => {
    const { stdout } = await host.run(fence, ["sh", "-c", "(while :; do echo noise; sleep 0.02; done) & echo $!"]);
    const pid = Number(/\d+/.exec(stdout)?.[0]);
    try {
      const answers = [];
      for (let n = 0; n < 5; n++) answers.push((await host.run(fence, ["echo", String(n)])).stdout);
      expect(answers).toEqual(["0\n", "1\n", "2\n", "3\n", "4\n"]);
      expect(await host.process(pid)).toMatchObject({ pid });
    } finally {
      await host.run(fence, ["kill", String(pid)]);
    }
  });
  check("commands do not see the helper's own settings", async ({ host, fence }) => {
    const { stdout } = await host.run(fence, ["sh", "-c", "umask; ls -l /proc/self/fd | grep -c -e '\\.lock' -e '/input'; env | grep -c '^sw_'"], {
      environment: {},
    });
    expect(stdout.split("\n").slice(1)).toEqual(["0", "0", ""]);
    expect(stdout).not.toContain("0077");
  });
  check("a detached command runs on when the connection is gone, and is started once", async ({ host, fence, another, path }) => {
    const file = await path("go");
    const script = `echo begun; until [ -e ${file} ]; do sleep 0.05; done; cat; echo again >>${file}.count; exit 5`;
    await host.runDetached(fence, "step-1.a", ["sh", "-c", script], { input: "from input\n" });
    await host.runDetached(fence, "step-1.a", ["sh", "-c", script]);
    const state = await host.detached("step-1.a");
    expect(state).toMatchObject({ is: "running" });
    if (state.is !== "running") return;
    expect((await host.process(state.pid))?.command).toContain("until");
    await host.close();
    const later = another();
    await until("its first line is there", async () => {
      const seen = await later.detached("step-1.a");
      return seen.is === "running" && seen.pid === state.pid && seen.output === "begun\n";
    });
    await later.writeFile(fence, file, "");
    await until("it has ended", async () => (await later.detached("step-1.a")).is === "exited");
    expect(await later.detached("step-1.a")).toEqual({ is: "exited", code: 5, output: "begun\nfrom input\n" });
    await later.runDetached(fence, "step-1.a", ["sh", "-c", script]);
    expect(await later.readText(`${file}.count`)).toBe("again\n");
    expect(await later.detached("step-2")).toEqual({ is: "absent" });
  });
  check("a detached command that was killed with its keeper has vanished, and interrupts reach it while it runs", async ({ host, fence }) => {
    await host.runDetached(fence, "gone", ["sleep", "60"]);
    const state = await host.detached("gone");
    if (state.is !== "running") throw new Error(`it is ${state.is}`);
    const ignored = (await host.readText(`/proc/${state.pid}/status`))?.match(/SigIgn:\s*(\w+)/)?.[1] ?? "";
    // Without --fork nobody but the shell can put it into the background, and then it starts with interrupts ignored.
    if ((await host.query(["setsid", "--fork", "true"])).code === 0) expect(BigInt(`0x${ignored}`) & 6n).toBe(0n);
    await host.run(fence, ["sh", "-c", `read -r line </proc/${state.pid}/stat; set -- $line; kill -9 $4 ${state.pid}`]);
    await until("it has vanished", async () => (await host.detached("gone")).is === "vanished");
  });
  check("processes are told apart by their start", async ({ host, fence }) => {
    const { stdout } = await host.run(fence, ["sh", "-c", "sleep 30 >/dev/null 2>&1 & echo $!"]);
    const pid = Number(stdout);
    const found = await host.process(pid);
    expect(found).toMatchObject({ pid, command: "sleep 30" });
    expect(found?.executable).toMatch(/sleep|coreutils|busybox/);
    const again = await host.process(pid);
    expect(again?.startTicks).toBe(found?.startTicks);
    await host.run(fence, ["kill", "-9", String(pid)]);
    await until("it is dead", async () => [undefined, "Z"].includes((await host.process(pid))?.state));
    expect(await host.process(4_194_305)).toBeNull();
  });
}

function conformsInFiles(check: Check): void {
  const sum = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

  check("what is written is read, byte by byte", async ({ host, fence, path }) => {
    const file = await path("a file with 'odd' näme\nand lines");
    expect(await host.readFile(file)).toBeNull();
    expect(await host.sha256(file)).toBeNull();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7919) % 256);
    await host.writeFile(fence, file, bytes, { mode: "0640", expected: null });
    expect(await host.readFile(file)).toEqual(bytes);
    expect(await host.sha256(file)).toBe(sum(bytes));
    expect(await host.stat(file)).toMatchObject({ kind: "file", bytes: 70_000, mode: "0640" });
    await host.writeFile(fence, file, "");
    expect(await host.readText(file)).toBe("");
    expect(await host.stat(file)).toMatchObject({ bytes: 0, mode: "0640" });
    await host.removeFile(fence, file);
    await host.removeFile(fence, file);
    expect(await host.stat(file)).toEqual({ kind: "absent" });
  });
  check("a file that is not what was expected is left as it is", async ({ host, fence, path }) => {
    const file = await path("conf");
    await host.writeFile(fence, file, "one\n");
    await expect(host.writeFile(fence, file, "two\n", { expected: null })).rejects.toMatchObject({ code: "SW3011", name: "Refused" });
    await expect(host.writeFile(fence, file, "two\n", { expected: sum("zero\n") })).rejects.toMatchObject({ code: "SW3011" });
    expect(await host.readText(file)).toBe("one\n");
    await host.writeFile(fence, file, "two\n", { expected: sum("one\n") });
    // Repeated, because its answer was lost.
    await host.writeFile(fence, file, "two\n", { expected: sum("one\n") });
    expect(await host.readText(file)).toBe("two\n");
    expect(await host.list(join(file, ".."))).toEqual(["conf"]);
  });
  check("the file behind a link is written, and the link stays", async ({ host, fence, path }) => {
    const file = await path("real");
    const link = await path("link");
    await host.writeFile(fence, file, "one\n");
    await host.run(fence, ["ln", "-s", file, link]);
    expect(await host.stat(link)).toEqual({ kind: "link", target: file });
    await host.writeFile(fence, link, "two\n", { expected: sum("one\n") });
    expect(await host.readText(file)).toBe("two\n");
    expect(await host.stat(link)).toEqual({ kind: "link", target: file });
  });
  check("absent, not allowed and too large are three different answers", async ({ host, fence, path }) => {
    const directory = await path("closed");
    await host.makeDirectory(fence, directory, "0700");
    await host.writeFile(fence, join(directory, "file"), "x");
    expect(await host.readFile(join(directory, "other"))).toBeNull();
    await expect(host.list(join(directory, "other"))).rejects.toMatchObject({ code: "SW3005" });
    await expect(host.readFile(directory)).rejects.toMatchObject({ code: "SW3005" });
    await host.run(fence, ["sh", "-c", `head -c 16777217 /dev/zero >${directory}/large`]);
    await expect(host.readFile(join(directory, "large"))).rejects.toMatchObject({ code: "SW3005" });
    if ((await host.query(["id", "-u"])).stdout === "0\n") return;
    await host.run(fence, ["chmod", "0", directory]);
    await expect(host.readFile(join(directory, "file"))).rejects.toMatchObject({ code: "SW3005" });
    await expect(host.stat(join(directory, "other"))).rejects.toMatchObject({ code: "SW3005" });
    await host.run(fence, ["chmod", "0700", directory]);
  });
  check("directories are listed by name, whatever the names are", async ({ host, fence, path }) => {
    const directory = await path("listed");
    await host.makeDirectory(fence, directory);
    await host.makeDirectory(fence, directory, "0750");
    expect(await host.list(directory)).toEqual([]);
    const names = ["a b", ".hidden", "line\nbreak", "*", "-rf", "ü"];
    for (const name of names) await host.writeFile(fence, join(directory, name), "");
    expect(await host.list(directory)).toEqual([...names].sort());
    expect(await host.stat(directory)).toMatchObject({ kind: "directory", mode: "0750" });
  });
  check("uploads are verified before they get their name", async ({ host, fence, path }) => {
    const local = await mkdtemp(join(tmpdir(), "stillwater-upload-"));
    try {
      const content = Buffer.alloc(3_000_000, "0123456789abcdef\0\n");
      await writeFile(join(local, "artefact"), content);
      const target = await path("artefact.tar");
      await host.upload(fence, join(local, "artefact"), target, sum(content));
      expect(await host.sha256(target)).toBe(sum(content));
      const before = await host.stat(target);
      await host.upload(fence, join(local, "artefact"), target, sum(content));
      expect(await host.stat(target)).toEqual(before);
      await expect(host.upload(fence, join(local, "artefact"), await path("other"), sum("else"))).rejects.toMatchObject({ code: "SW1204" });
      await expect(host.upload(fence, join(local, "nothing"), await path("other"), sum("else"))).rejects.toMatchObject({ code: "SW1203" });
      expect(await host.list(join(target, ".."))).toEqual(["artefact.tar"]);
    } finally {
      await rm(local, { recursive: true });
    }
  });
  check("free space is that of the file system, also of a path that is not there yet", async ({ host, path }) => {
    const free = await host.freeBytes(await path("not/there/yet"));
    expect(free).toBeGreaterThan(1_000_000);
  });
}
