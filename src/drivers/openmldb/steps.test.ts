import { expect, test } from "vitest";
import { steps, type FenceKind } from "./steps.ts";

test("only fence=hook may run the operator's commands: they alone are not fenced, and a plan without them promises so", () => {
  const mayOf = (fence: FenceKind): readonly string[] => {
    const moving = { endpoint: "t1:9527", to: null, avoid: [], fence, concurrency: 2, partitions: [] };
    return steps.moveBack("back", moving).may?.do ?? [];
  };
  expect(mayOf("hook")).toContain("traffic");
  for (const fence of ["partition", "tablet", "none"] as const) expect(mayOf(fence)).not.toContain("traffic");
});
