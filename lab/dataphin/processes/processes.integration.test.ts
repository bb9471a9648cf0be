import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { LabClient } from "./ask.ts";
import { writeClusterFile } from "./cluster-file.ts";
import { down } from "./down.ts";
import { inject } from "./faults.ts";
import { commandOf, type LabFile } from "./lab-file.ts";
import { status, statusLines } from "./status.ts";
import { up } from "./up.ts";
import { walkLines } from "./walk.ts";

interface Executed {
  readonly tasks: Readonly<Record<string, { readonly instanceId: string; readonly state: string }>>;
}
const run = promisify(execFile);
const target = "6.3.0.1";

describe("a lab of processes", () => {
  let lab: LabFile;
  const manager = (...words: readonly string[]): Promise<string> => run(commandOf(lab), words).then(({ stdout }) => stdout);

  beforeAll(async () => {
    lab = await up({ scale: 0.01, at: "12:00", work: { longJobs: 3, longMs: 120_000, everyMinutes: 0 } });
  });
  afterAll(async () => {
    await down(lab.directory, { remove: true });
    expect(existsSync(lab.directory)).toBe(false);
  });

  it("says how it is, shows how to walk through the vendor's page, and at what time", async () => {
    const found = await status(lab.directory);
    const lines = statusLines(found).join("\n");
    expect(lines).toContain("5 of 5 components run");
    expect(lines).toContain("simulated");
    expect(lines).toMatch(/its clock shows \S+ 12:0/);
    expect(walkLines(lab, "cluster.yaml").join("\n")).toContain("Dataphin Manager > Upgrade Records");
    expect(found.running).toBe(4);
  });
  it("has a cluster file whose secrets are references", () => {
    const text = readFileSync(writeClusterFile(lab), "utf8");
    const { options } = parse(text) as { readonly options: { readonly openapi: { readonly accessKeySecret: string } } };
    expect(options.openapi.accessKeySecret).toMatch(/^@file:/);
    expect(text).not.toContain("secret-of-shop");
  });
  it("[DP-2] is upgraded with downtime by its command, over a kill -9 of its Manager, and what was ended runs again once", async () => {
    for (const step of ["select-version", "enter-maintenance", "stop-dispatch", "force-stop", "shut-down"]) await manager(step, "downtime", target);
    // The maintenance page while a pod is left to show it, and nobody behind the front afterwards.
    expect([502, 503]).toContain((await status(lab.directory)).logon);
    expect(JSON.parse(await manager("records"))).toEqual([{ status: "Upgrading", target: `V${target}` }]);
    const client = new LabClient(lab);
    const backup = manager("backup-database", "downtime", target);
    await client.until("the backup runs", async () =>
      Boolean((await client.records())?.[0]?.steps.some(({ step, state }) => step === "backup-database" && state === "running")),
    );
    await inject(lab.directory, ["kill", "manager"]);
    await inject(lab.directory, ["start", "manager"]);
    await backup;
    for (const step of ["upgrade-application", "rerun", "update-data"]) await manager(step, "downtime", target);
    await manager("finish");
    const killed = (await client.records())?.[0]?.killList.map(({ id }) => id) ?? [];
    const runs = async (): Promise<readonly number[]> => {
      const executed = await client.json<Executed>(lab.endpoints.executors, "/lab/executors");
      return killed.map(
        (id) => Object.values(executed?.tasks ?? {}).filter(({ instanceId, state }) => instanceId === id && state !== "FAILED").length,
      );
    };
    await client.until("what was ended runs again", async () => (await runs()).every((count) => count === 1));
    client.close();
    expect(killed).toHaveLength(4);
    const now = await status(lab.directory);
    expect(now.platform?.schema).toBe(target);
    expect([now.logon, now.records?.[0]?.status]).toEqual([200, "Upgrade Succeeded"]);
  });
  it("says what it does not understand", async () => {
    await expect(inject(lab.directory, ["burn", "manager"])).rejects.toThrow("no fault burn; there are kill COMPONENT");
    await expect(inject(lab.directory, ["kill", "nobody"])).rejects.toThrow("no component nobody");
    await expect(up({ at: "25:00" })).rejects.toThrow("at: a time such as 22:58");
    await expect(manager("rerun", "downtime", "7.0.0.1")).rejects.toThrow("there is no upgrade in progress");
  });
});
