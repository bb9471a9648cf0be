import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fence } from "../model/fence.ts";
import { hostOver, type HostConnection } from "./connection.ts";
import { serviceOf } from "./services.ts";
import { claimed, until } from "./testing/claims.ts";
import { shellTransport } from "./testing/shell-transport.ts";

const fakeSystemctl = `#!/bin/sh
# Keeps one word per unit: what systemd would call ActiveState.
echo "$*" >>"$SW_UNITS/calls"
case $1 in
  --no-block)
    [ "$4" != masked.service ] || { echo "Failed to $2 $4: Unit $4 is masked." >&2; exit 1; }
    [ "$2" = start ] && echo active >"$SW_UNITS/$4" || echo inactive >"$SW_UNITS/$4"
    ;;
  show)
    unit=$4
    if [ -e "$SW_UNITS/$unit" ]; then read -r state <"$SW_UNITS/$unit"; load=loaded; else state=inactive load=not-found; fi
    pid=0 started=0
    [ "$state" != active ] || pid=4242 started=123456789
    printf 'Restart=always\\nMainPID=%s\\nExecMainStartTimestampMonotonic=%s\\nLoadState=%s\\nActiveState=%s\\nSubState=sub\\n' "$pid" "$started" "$load" "$state"
    ;;
esac
`;

describe("service managers", () => {
  let root = "";
  let host: HostConnection;
  let fence: Fence;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "stillwater-services-"));
    await mkdir(join(root, "bin"));
    await writeFile(join(root, "bin/systemctl"), fakeSystemctl);
    await chmod(join(root, "bin/systemctl"), 0o755);
    const environment = { ...process.env, SW_UNITS: root, PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
    host = hostOver({ host: "db1", transport: shellTransport(["sh"], environment), cluster: "c", stateDirectory: join(root, "state") });
    fence = await claimed(host, 1);
  });
  afterAll(async () => {
    await host.close();
    await rm(root, { recursive: true });
  });

  test("systemd: start and stop only queue, and the state is what the manager says", async () => {
    await writeFile(join(root, "db@1.service"), "failed\n");
    const service = serviceOf(host, { manager: "systemd", unit: "db@1.service" });
    expect(await service.state()).toEqual({ is: "failed", pid: null, startedUs: null, restartsItself: true, detail: "failed (sub)" });
    await service.start(fence);
    expect(await service.state()).toMatchObject({ is: "running", pid: 4242, startedUs: 123_456_789 });
    await service.stop(fence);
    expect(await service.state()).toMatchObject({ is: "stopped", pid: null });
    expect((await host.readText(join(root, "calls")))?.split("\n")).toContain("--no-block start -- db@1.service");
  });
  test("systemd: every state has one meaning, and one that is not known is not running", async () => {
    const service = serviceOf(host, { manager: "systemd", unit: "db" });
    const words = {
      active: "running",
      reloading: "running",
      activating: "starting",
      deactivating: "stopping",
      inactive: "stopped",
      maintenance: "unknown",
    };
    for (const [word, is] of Object.entries(words)) {
      await writeFile(join(root, "db"), `${word}\n`);
      expect(await service.state()).toMatchObject({ is });
    }
  });
  test("systemd: a unit that does not exist is no stopped service, and a refusal is told in the manager's words", async () => {
    await expect(serviceOf(host, { manager: "systemd", unit: "nothing" }).state()).rejects.toMatchObject({ code: "SW3004", object: "nothing" });
    const refused = serviceOf(host, { manager: "systemd", unit: "masked.service" }).start(fence);
    await expect(refused).rejects.toMatchObject({ code: "SW3004", why: ["Failed to start masked.service: Unit masked.service is masked."] });
  });
  test("command: exit codes of status are read as the Linux Standard Base has them", async () => {
    for (const [code, is] of [
      [0, "running"],
      [1, "stopped"],
      [3, "stopped"],
      [4, "unknown"],
      [150, "unknown"],
    ] as const) {
      const service = serviceOf(host, { manager: "command", start: ["true"], stop: ["true"], status: ["sh", "-c", `echo words; exit ${code}`] });
      expect(await service.state()).toMatchObject({ is, detail: "words" });
    }
    const silent = serviceOf(host, { manager: "command", start: ["true"], stop: ["true"], status: null });
    expect(await silent.state()).toMatchObject({ is: "unknown" });
    const missing = serviceOf(host, { manager: "command", start: ["true"], stop: ["true"], status: ["/nowhere/status"] });
    await expect(missing.state()).rejects.toMatchObject({ code: "SW3004" });
  });
  test("command: a script may leave its server behind, and one that fails is told with its words", async () => {
    const pidFile = join(root, "pid");
    const service = serviceOf(host, {
      manager: "command",
      start: ["sh", "-c", `sleep 60 & echo $! >${pidFile}`],
      stop: ["sh", "-c", `read -r pid <${pidFile}; kill "$pid"`],
      status: ["sh", "-c", `read -r pid <${pidFile}; kill -0 "$pid" 2>/dev/null || exit 3`],
    });
    await service.start(fence);
    expect(await service.state()).toMatchObject({ is: "running" });
    await service.stop(fence);
    await until("it has stopped", async () => (await service.state()).is === "stopped");
    const failing = serviceOf(host, { manager: "command", start: ["sh", "-c", "echo no data directory >&2; exit 9"], stop: ["true"], status: null });
    await expect(failing.start(fence)).rejects.toMatchObject({ code: "SW3004", why: ["no data directory"] });
  });
});
