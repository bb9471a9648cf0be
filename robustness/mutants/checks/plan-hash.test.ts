// Loading refuses an edited file first; this asks the function that every caller of the public API goes through.
import { expect, it } from "vitest";
import type { Plan } from "../../../src/model/plan.ts";
import { applyPlan } from "../../../src/usecases/apply.ts";
import type { Workspace } from "../../../src/usecases/workspace.ts";

it("a plan whose hash is not its own is refused before anything else is looked at", async () => {
  const workspace = { definition: () => Promise.resolve({ cluster: "another", system: "another" }) } as unknown as Workspace;
  const plan = { version: 1, cluster: "orders", system: "quarry", hash: "0".repeat(64), turns: [] } as unknown as Plan;
  const observer = { entry: () => undefined, progress: () => undefined };
  await expect(applyPlan(workspace, { plan, probe: false }, observer)).rejects.toMatchObject({ code: "SW1202" });
});
