import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { samplePlan } from "../cli/testing/plan.fixture.ts";
import { planHash, shortHash } from "../planner/plan.ts";
import { listPlans, type ListedPlan, loadPlan, savePlan } from "./plan-files.ts";
import { openWorkspace } from "./workspace.ts";

const directory = mkdtempSync(join(tmpdir(), "stillwater-plans-"));
const workspace = openWorkspace({ stateDirectory: join(directory, "state"), operator: "ana" });
afterAll(() => rmSync(directory, { recursive: true }));
async function listed(): Promise<readonly ListedPlan[]> {
  const found: ListedPlan[] = [];
  for await (const each of listPlans(workspace)) found.push(each);
  return found;
}
beforeAll(async () => {
  expect(await listed()).toEqual([]);
});

test("a plan is written for its owner alone and found by the beginning of its hash, the whole of it, or its path", async () => {
  const plan = await samplePlan();
  const file = await savePlan(workspace, plan);
  expect(file).toBe(join(directory, "state", "plans", `${shortHash(plan)}.json`));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "state", "plans")).mode & 0o777).toBe(0o700);
  for (const name of [plan.hash.slice(0, 4), shortHash(plan), plan.hash, file]) expect(await loadPlan(workspace, name)).toEqual(plan);
  await expect(loadPlan(workspace, plan.hash.slice(0, 3))).rejects.toMatchObject({ code: "SW1002" });
  await expect(loadPlan(workspace, "nowhere/at/all")).rejects.toMatchObject({ code: "SW1002" });
  await expect(loadPlan(workspace, directory)).rejects.toMatchObject({ code: "SW1002" });
});

test("a beginning that two plans share is refused with both names; a damaged file is listed as such and hides no other", async () => {
  const plan = await samplePlan();
  let twin = plan;
  for (let attempt = 0; twin.hash === plan.hash || twin.hash.slice(0, 2) !== plan.hash.slice(0, 2); attempt++) {
    const next = { ...plan, createdBy: `ana ${attempt}` };
    twin = { ...next, hash: planHash(next) };
  }
  // Four shared digits are not found by trying, so the shared name is made from the files' names.
  writeFileSync(join(directory, "state", "plans", `${shortHash(plan).slice(0, 4)}ffff.json`), "{");
  await savePlan(workspace, twin);
  await expect(loadPlan(workspace, plan.hash.slice(0, 4))).rejects.toMatchObject({ code: "SW1002", why: [expect.any(String), expect.any(String)] });
  const plans = await listed();
  expect(plans.filter((each) => each.plan !== null)).toHaveLength(2);
  expect(plans.filter((each) => each.plan === null)).toMatchObject([{ why: expect.stringContaining("not JSON") as string }]);
});
