import { beforeEach, describe, expect, it } from "vitest";
import { PIPELINE, TestLab } from "../testing/lab.ts";
import type { ProgramId, Run } from "./run.ts";

const phase = (name: string): ProgramId => ({ ...PIPELINE, type: "SPARK", name });

describe("workflows (facts 3.2 and 8.5)", () => {
  let lab: TestLab;
  let workflow: Run;
  const child = (name: string): Run => lab.run(workflow.children[name] ?? "");

  beforeEach(async () => {
    lab = await TestLab.up();
    workflow = await lab.running(PIPELINE);
  });

  it("runs its programs one after another, in its own version, and names them in its record", async () => {
    expect(Object.keys(workflow.children)).toEqual(["phase-1"]);
    const [, record] = (await lab.ask("GET", `/apps/batch/workflows/pipeline/runs/${workflow.id}`)) as [number, { properties: object }];
    expect(record.properties).toMatchObject({ "phase-1": child("phase-1").id });
    await lab.pass(32_000);
    expect([child("phase-1").status, child("phase-2").status]).toEqual(["COMPLETED", "RUNNING"]);
    await lab.pass(32_000);
    expect([workflow.status, child("phase-2").status]).toEqual(["COMPLETED", "COMPLETED"]);
  });

  it("a child cannot be stopped, whichever way", async () => {
    await lab.pass(1_000);
    const { id } = child("phase-1");
    const [status, text] = await lab.ask("POST", `/apps/batch/spark/phase-1/runs/${id}/stop`);
    expect(status).toBe(400);
    expect(text).toContain(`started by the Workflow run '${workflow.id}'. Please stop the Workflow.`);
    expect((await lab.ask("POST", "/apps/batch/spark/phase-1/stop"))[0]).toBe(400);
    expect((await lab.ask("POST", "/stop", [{ appId: "batch", programType: "Spark", programId: "phase-1" }]))[1]).toMatchObject([
      { statusCode: 400 },
    ]);
  });

  it("stopping it ends its child, and it waits for that", async () => {
    lab.behave(phase("phase-1"), { exitMs: 20_000 });
    await lab.pass(1_000);
    expect((await lab.ask("POST", `/apps/batch/workflows/pipeline/runs/${workflow.id}/stop`))[0]).toBe(200);
    await lab.pass(10_000);
    expect([workflow.status, child("phase-1").status]).toEqual(["STOPPING", "STOPPING"]);
    await lab.pass(12_000);
    expect([workflow.status, child("phase-1").status]).toEqual(["KILLED", "KILLED"]);
    expect(workflow.end ?? 0).toBeGreaterThanOrEqual(child("phase-1").end ?? 0);
    expect(Object.keys(workflow.children)).toEqual(["phase-1"]);
  });

  it("fails with its child", async () => {
    lab.behave(phase("phase-1"), { runsMs: 5_000, endsAs: "FAILED" });
    workflow = await lab.running(PIPELINE);
    await lab.pass(8_000);
    expect([workflow.status, child("phase-1").status]).toEqual(["FAILED", "FAILED"]);
  });
});
