// The plan of ux.md in the words of the quarry: two followers, a move, the old leader.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../model/facts.ts";
import type { Goal } from "../../model/goal.ts";
import type { Plan } from "../../model/plan.ts";
import { makePlan, planHash } from "../../planner/plan.ts";
import { freshQuarry, quarryDefinition, quarryModule, writeQuarry } from "./quarry.fixture.ts";

export const goal: Goal = {
  version: "17.10",
  artefact: { path: "/tmp/quarry-17.10.tar.gz", sha256: `91c4${"0".repeat(56)}e07b`, bytes: 20, version: "17.10" },
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
};

const warning: Check = {
  code: "QU-2",
  object: 'cart "audit" on n1',
  verdict: "warning",
  what: "is idle for 3 d: holds 1.2 GB of ore",
};

export async function samplePlan(change: Partial<Goal> = {}): Promise<Plan> {
  const directory = mkdtempSync(join(tmpdir(), "stillwater-plan-"));
  try {
    const file = join(directory, "quarry.json");
    writeQuarry(file, freshQuarry());
    const handles = {
      host: () => {
        throw new Error("no host is needed");
      },
      secret: (reference: string) => Promise.resolve(reference),
      now: () => 0,
    };
    const driver = await quarryModule.open(quarryDefinition(file), handles);
    const plan = makePlan(driver, {
      cluster: "orders",
      goal: { ...goal, ...change },
      facts: await driver.inspect({ now: 1 }),
      overrides: [],
      rollsBack: null,
      createdAt: "2026-11-20T02:00:00.000Z",
      createdBy: "ana on jump1",
    });
    const told = { ...plan, checks: [...plan.checks, warning] };
    return { ...told, hash: planHash(told) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
