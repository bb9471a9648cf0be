// The helper is killed before and after each tool that it calls, for every verb that takes more than one step. The same call again completes it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { StillwaterError } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import { hostOver, type HostConnection } from "./connection.ts";
import { claimed, until } from "./testing/claims.ts";
import { crashingTools } from "./testing/crashing-tools.ts";
import { scratchDirectory } from "./testing/scratch.ts";
import { shellTransport } from "./testing/shell-transport.ts";

interface Scenario {
  prepare(at: (name: string) => string, host: HostConnection, fence: Fence): Promise<void> | void;
  /** What must be the same after each crash, byte by byte; besides, the names of all files must be. */
  readonly same: readonly string[];
  act(host: HostConnection, fence: Fence, at: (name: string) => string): Promise<unknown>;
  after?(host: HostConnection, at: (name: string) => string): Promise<void>;
}
const sum = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
const content = Buffer.alloc(200_000, "stillwater\0\n");
const tree = (directory: string, word: string): void => {
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "bin/server"), word, { mode: 0o755 });
  symlinkSync("bin/server", join(directory, "current"));
};
const archive = (at: (name: string) => string): void => {
  tree(at("source"), "new");
  spawnSync("tar", ["-czf", at("archive"), "-C", at("source"), "."]);
  rmSync(at("source"), { recursive: true });
};

const scenarios: Readonly<Record<string, Scenario>> = {
  write: {
    same: ["file"],
    prepare: (at) => writeFileSync(at("file"), "old"),
    act: (host, fence, at) => host.writeFile(fence, at("file"), "new", { mode: "0640", expected: sum("old") }),
  },
  upload: {
    same: ["uploaded"],
    prepare: (at) => writeFileSync(at("local"), content),
    act: (host, fence, at) => host.upload(fence, at("local"), at("uploaded"), sum(content)),
  },
  unpack: {
    same: ["unpacked"],
    prepare: archive,
    act: (host, fence, at) => host.unpack(fence, at("archive"), at("unpacked")),
  },
  "swap of a link": {
    same: ["v1", "v2"],
    prepare: (at) => {
      tree(at("v1"), "old");
      tree(at("v2"), "new");
      symlinkSync(at("v1"), at("current"));
    },
    act: (host, fence, at) => host.swap(fence, { path: at("current"), replacement: at("v2"), previous: at("previous") }),
  },
  "swap of a directory": {
    same: ["app", "app.old"],
    prepare: (at) => {
      tree(at("app"), "old");
      tree(at("app.new"), "new");
    },
    act: (host, fence, at) => host.swap(fence, { path: at("app"), replacement: at("app.new"), previous: at("app.old") }),
  },
  backup: {
    same: ["conf.d"],
    prepare: (at) => tree(at("conf.d"), "old"),
    act: (host, fence, at) => host.backup(fence, [at("conf.d")], at("copy")),
  },
  restore: {
    same: ["conf.d"],
    prepare: async (at, host, fence) => {
      tree(at("conf.d"), "kept");
      await host.backup(fence, [at("conf.d")], at("copy"));
      writeFileSync(at("conf.d/bin/server"), "changed");
    },
    act: (host, fence, at) => host.restore(fence, at("copy")),
  },
  "detached run": {
    same: ["ran"],
    prepare: () => {},
    act: (host, fence, at) => host.runDetached(fence, `t${at("").replaceAll("/", ".")}`.slice(0, 150), ["sh", "-c", `echo once >>${at("ran")}`]),
    after: async (host, at) => {
      await until("it has ended", async () => (await host.detached(`t${at("").replaceAll("/", ".")}`.slice(0, 150))).is === "exited");
    },
  },
};

const root = scratchDirectory();
// Programs: memory is often mounted noexec.
const bin = mkdtempSync(join(tmpdir(), "stillwater-crash-"));
const tools = crashingTools(bin);
afterAll(() => [root, bin].forEach((directory) => rmSync(directory, { recursive: true })));

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: killed anywhere, the same call again completes it`, { timeout: 120_000 }, async () => {
    const host = hostOver({
      host: "db1",
      transport: shellTransport(["sh"], tools.environment),
      cluster: name.replaceAll(" ", "-"),
      stateDirectory: join(root, "state"),
    });
    const fence = await claimed(host, 1);
    let tried = 0;
    const once = async (at: number, when: "before" | "after"): Promise<{ readonly calls: number; readonly end: unknown }> => {
      const directory = mkdtempSync(join(root, "run-"));
      const inside = (leaf: string): string => join(directory, leaf);
      // Connected and attached, so that only the verb itself is counted.
      await host.stat(directory);
      await host.makeDirectory(fence, directory);
      await scenario.prepare(inside, host, fence);
      tools.arm(at, when);
      let failure: Error | null = null;
      try {
        await scenario.act(host, fence, inside);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      const calls = tools.disarm();
      // Killed after the answer, the call has succeeded; otherwise its outcome is unknown, or it was never begun.
      if (failure !== null && !(failure instanceof StillwaterError && ["SW3003", "SW3001"].includes(failure.code))) throw failure;
      await scenario.act(host, fence, inside);
      await scenario.after?.(host, inside);
      const digests = await Promise.all(scenario.same.map((leaf) => host.sha256(inside(leaf))));
      const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
      rmSync(directory, { recursive: true });
      tried++;
      return { calls, end: { digests, names } };
    };
    const whole = await once(1_000_000, "before");
    for (let at = 1; at <= whole.calls; at++) {
      // Between two calls there is little but the shell itself: long verbs are cut once per call only.
      for (const when of whole.calls <= 15 ? (["before", "after"] as const) : (["before"] as const)) {
        const crashed = await once(at, when);
        expect(crashed.end, `killed ${when} call ${at}`).toEqual(whole.end);
      }
    }
    await host.close();
    console.log(`${name}: ${tried} runs over ${whole.calls} calls of tools`);
  });
}
