import { expect, test } from "vitest";
import type { NodeView } from "../model/facts.ts";
import { goalMissed } from "./goal-missed.ts";

const node = (name: string, version: string | null): NodeView => ({
  name,
  role: "standby",
  endpoint: "h:1",
  version,
  installed: version,
  state: version === null ? "down" : "serving",
  detail: "",
});

test("every node that the goal names runs its version: nothing is missed", () => {
  expect(goalMissed({ version: "2.0", only: null }, [node("a", "2.0"), node("b", "2.0")])).toEqual([]);
  expect(goalMissed({ version: "2.0", only: ["a"] }, [node("a", "2.0"), node("b", "1.0")])).toEqual([]);
  expect(goalMissed({ version: null, only: null }, [node("a", "1.0")])).toEqual([]);
});
test("a node that was left out, or tells nothing, is named", () => {
  expect(goalMissed({ version: "2.0", only: null }, [node("a", "1.0"), node("b", null)])).toEqual([
    "the goal: a runs 1.0, not 2.0",
    "the goal: b does not tell its version",
  ]);
});
test("a node that told no version while it served before the run has none to miss; one that told one has", () => {
  const silent: NodeView = { ...node("gateway", null), state: "serving" };
  expect(goalMissed({ version: "2.0", only: null }, [node("a", "2.0"), silent], [node("a", "1.0"), silent])).toEqual([]);
  expect(goalMissed({ version: "2.0", only: null }, [node("a", null)], [node("a", "1.0")])).toHaveLength(1);
  expect(goalMissed({ version: "2.0", only: null }, [node("a", null)], [node("a", null)])).toHaveLength(1);
});
test("a cluster that could not be read proves nothing", () => {
  expect(goalMissed({ version: null, only: null }, [])).toHaveLength(1);
});
