import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostDefinition } from "../../model/cluster.ts";
import { hostConformance } from "../conformance.ts";
import { openHost } from "../connection.ts";
import { claimed, until } from "../testing/claims.ts";
import { scratchDirectory } from "../testing/scratch.ts";
import { type Sshd, startSshd } from "../testing/sshd.ts";
import { controlDirectory } from "./control-directory.ts";

const definition = (address: string | null, stateDirectory: string): HostDefinition => ({
  name: "db2",
  transport: "openssh",
  address,
  user: null,
  stateDirectory,
  domain: null,
});

hostConformance(
  "openssh",
  async () => {
    const sshd = await startSshd();
    if ("skip" in sshd) return sshd;
    const root = scratchDirectory();
    const directory = join(root, "files");
    await mkdir(directory);
    return {
      directory,
      open: (cluster) => openHost(definition(sshd.address, join(root, "state")), cluster, { sshArguments: sshd.sshArguments }),
      close: async () => {
        await sshd.close();
        await rm(root, { recursive: true });
      },
    };
  },
  { runs: 10 },
);

describe("openssh connections", () => {
  let sshd: Sshd | null = null;
  let skip = "";
  let root = "";
  beforeAll(async () => {
    const started = await startSshd();
    if ("skip" in started) skip = started.skip;
    else sshd = started;
    root = scratchDirectory();
  });
  afterAll(async () => {
    await sshd?.close();
    await rm(root, { recursive: true });
  });

  test("a host key that is not the known one is refused", async (context) => {
    if (!sshd) return context.skip(skip);
    const host = openHost(definition(sshd.address, root), "c", { sshArguments: sshd.wrongKeyArguments });
    const outcome = host.query(["true"]);
    await expect(outcome).rejects.toMatchObject({ code: "SW3001", name: "Refused" });
    await expect(outcome).rejects.toThrow(/host key/i);
    await host.close();
  });
  test("a host that is not there is refused, and so is one without an address", async () => {
    const nobody = openHost(definition("stillwater@127.0.0.1", root), "c", { sshArguments: ["-p", "1"] });
    await expect(nobody.query(["true"])).rejects.toMatchObject({ code: "SW3001", name: "Refused" });
    await nobody.close();
    for (const address of [null, "-oProxyCommand=touch /tmp/never"]) {
      await expect(openHost(definition(address, root), "c").query(["true"])).rejects.toMatchObject({ code: "SW3001" });
    }
  });
  test("connections share one master, and nothing of them is left after closing", async (context) => {
    if (!sshd) return context.skip(skip);
    const host = openHost(definition(sshd.address, join(root, "state")), "c", { sshArguments: sshd.sshArguments });
    let before = performance.now();
    await host.query(["true"]);
    const first = performance.now() - before;
    const fence = await claimed(host, 1);
    before = performance.now();
    await host.run(fence, ["true"]);
    const second = performance.now() - before;
    const times: number[] = [];
    for (let n = 0; n < 20; n++) {
      before = performance.now();
      await host.query(["true"]);
      times.push(performance.now() - before);
    }
    console.log(
      `openssh: first query ${first.toFixed(0)} ms, first effect on a second helper ${second.toFixed(0)} ms, then a query takes ${(times.sort((a, b) => a - b)[10] ?? 0).toFixed(1)} ms`,
    );
    const directory = controlDirectory();
    await host.close();
    await until("the master is gone", () => !existsSync(directory) || controlDirectory() !== directory);
  });
});
