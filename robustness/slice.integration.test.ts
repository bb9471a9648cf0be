// A few minutes' slice of the harness: what `npm run robustness` tries in full. One standing cluster for all of it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noFigures } from "./harness/figures.ts";
import { editedPlan, stalePlan } from "./faults/bad-plan.ts";
import { frozenWorker } from "./faults/frozen-worker.ts";
import { playScenario } from "./faults/play.ts";
import { twoApplies } from "./faults/two-operators.ts";
import { bases, crashTrial, type BaseRun } from "./postgres/crash-matrix.ts";
import { kindOf, type Instant } from "./postgres/instants.ts";
import { Stand } from "./postgres/stand.ts";

let stand: Stand;
let full: BaseRun;
let staged: BaseRun;
let instants: readonly Instant[];
beforeAll(async () => {
  stand = await Stand.create();
  ({ full, staged, instants } = await bases(stand));
});
afterAll(async () => stand.destroy());

/** Spread over the places and over what a step does: stop, exchange, promote, follow, wait. */
const slice: readonly (readonly [Instant["place"], string])[] = [
  ["after-started", "stop pg2"],
  ["before-succeeded", "swap pg3"],
  ["inside", "move pg1/0.stop pg1"],
  ["before-succeeded", "move pg1/0.promote pg2"],
  ["after-succeeded", "move pg1"],
  ["before-started", "start pg1"],
];

describe("killed at an instant of a real upgrade under load, and resumed", () => {
  it("each step that acts has four instants", () => {
    const acted = new Set(instants.filter(({ counted }) => counted).map(({ step }) => step));
    expect(instants.filter(({ counted }) => counted)).toHaveLength(4 * acted.size);
    expect(acted.size).toBeGreaterThan(15);
  });

  it.each(slice)("%s %s: the same end, no question, nothing lost, no restart too many", async (place, step) => {
    const instant = instants.find((each) => each.place === place && kindOf(each.step) === kindOf(step));
    if (instant === undefined)
      throw new Error(`the undisturbed run has no ${place} ${step}: ${instants.map((each) => `${each.place} ${each.step}`).join(", ")}`);
    const figures = noFigures();
    const result = await crashTrial(stand, instant, instant.staged ? staged.state : full.state, figures);
    expect(result.missed).toBeNull();
    expect(figures).toMatchObject({ broken: [], lost: 0, leftovers: 0, extraRestarts: 0, doubleActions: 0, unclear: 0 });
  });
});

describe("faults on real servers", () => {
  it.each([stalePlan, editedPlan, twoApplies, frozenWorker(/^stop pg3$/)].map((each) => [each.name, each] as const))("%s", async (_, scenario) => {
    const { wrong } = await playScenario(scenario, stand, full);
    expect(wrong).toEqual([]);
  });
});
