import { describe, expect, test } from "vitest";
import type { Instant, Written } from "../orchestrator/instants.ts";
import { crashPoints, stepsThatAct } from "./crash-points.ts";

const append = (...events: readonly (readonly [is: Written["is"], step: string])[]): Instant => {
  const written = events.map(([is, step]) => ({ is, step }));
  return { kind: "append", event: written.at(-1)?.is ?? "", step: written.at(-1)?.step ?? null, events: written };
};
const run: readonly Instant[] = [
  append(["acting", "stop"]),
  { kind: "send", via: "h1", step: "stop" },
  append(["acted", "stop"], ["done", "stop"]),
  append(["done", "ready"]),
];

describe("where Stillwater is killed", () => {
  test("a step that acts has four instants, a condition none", () => {
    expect(stepsThatAct(run)).toEqual(["stop"]);
    expect(crashPoints(run).filter(({ place }) => place !== "boundary")).toEqual([
      { place: "before started", step: "stop", number: 0, moment: "before" },
      { place: "after started", step: "stop", number: 0, moment: "after" },
      { place: "before succeeded", step: "stop", number: 2, moment: "before" },
      { place: "after succeeded", step: "stop", number: 2, moment: "after" },
    ]);
  });
  test("everything else that is written or sent has its sides too, and none is tried twice", () => {
    const rest = crashPoints(run).filter(({ place }) => place === "boundary");
    expect(rest.map(({ number, moment }) => `${String(number)} ${moment}`)).toEqual(["1 before", "1 under way", "1 after", "3 before", "3 after"]);
  });
});
