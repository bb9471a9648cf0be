import { expect, test } from "vitest";
import type { CdapPipeline } from "../facts.ts";
import type { ClusterOptions } from "../options.ts";
import { planOptions } from "../planning/options.ts";
import { appOn, appsGoal, factsOf, pipelineNamed, system } from "../testing/facts-fixture.ts";
import { checkpointChecks } from "./checkpoints.ts";

const facts = (more: Partial<CdapPipeline> = {}) =>
  factsOf({
    apps: { clicks: appOn(system("cdap-data-streams", "6.9.2")) },
    artifacts: [system("cdap-data-streams", "6.9.2"), system("cdap-data-streams", "6.9.3")],
    pipelines: [pipelineNamed("clicks", more)],
  });
const checked = (checkpoints: NonNullable<ClusterOptions["checkpoints"]>, more: Partial<CdapPipeline> = {}, realTime = "redeploy") => {
  const goal = appsGoal({ "real-time": realTime });
  const options = planOptions(goal);
  if ("refused" in options) throw new Error(options.refused);
  return checkpointChecks(checkpoints, facts(more), goal, options);
};

test.each([
  [{}, null, "its checkpoint is deleted", "and where they lie"],
  [{ directory: "/checkpoints/" }, null, "/checkpoints/clicks is deleted", "checkpoints.copy"],
  [{ copy: ["/opt/copy"] }, null, "its checkpoint is deleted", "Name where they lie"],
  [{ directory: "/other" }, "/own", "/own/clicks is deleted", "checkpoints.copy"],
] as const)("where nothing copies it, that is said, with what to name: %o, its own directory %s", (checkpoints, checkpointDir, what, remedy) => {
  const [check] = checked(checkpoints as NonNullable<ClusterOptions["checkpoints"]>, { checkpointDir });
  expect(check).toMatchObject({ verdict: "warning", object: "default.clicks" });
  expect(check?.what).toContain(what);
  expect(check?.remedy).toContain(remedy);
});
test("where it is copied, that passes; what keeps none, or is not deployed again, needs none", () => {
  expect(checked({ copy: ["/opt/copy"], directory: "/checkpoints" })).toMatchObject([{ verdict: "passed" }]);
  expect(checked({}, { mode: "STATE_STORE" })).toEqual([]);
  expect(checked({}, {}, "leave")).toEqual([]);
});
