import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { planHash, shortHash } from "../../planner/plan.ts";
import { savePlan } from "../../usecases/plan-files.ts";
import { openWorkspace } from "../../usecases/workspace.ts";
import { runProgram } from "../program.ts";
import { TestIo } from "../testing/io.fixture.ts";
import { samplePlan } from "../testing/plan.fixture.ts";

const directory = mkdtempSync(join(tmpdir(), "stillwater-earlier-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("--yes carries out only a plan that the same verb has made: another one would run without its probe", async () => {
  const { hash: _, ...sample } = await samplePlan();
  const plan = { ...sample, rollsBack: null, hash: planHash({ ...sample, rollsBack: null }) };
  await savePlan(openWorkspace({ stateDirectory: directory, operator: "ana" }), plan);
  for (const verb of [["backup"], ["restore"], ["recover"], ["drain", "n1"], ["programs", "stop"], ["programs", "start"], ["rollback"]]) {
    const io = new TestIo();
    expect(await runProgram([...verb, "--yes", shortHash(plan), "--state", directory, "--json"], io)).toBe(2);
    const { error } = JSON.parse(io.out.text) as { readonly error: { readonly code: string; readonly message: string; readonly remedy: string } };
    expect(error).toMatchObject({ code: "SW1001", message: expect.stringContaining("was not made by `stillwater") as string });
    expect(error.remedy).toContain(`stillwater apply ${shortHash(plan)}`);
  }
});
