import { describe, expect, test } from "vitest";
import type { PgFacts } from "../facts.ts";
import { factsOf } from "../testing/facts-fixture.ts";
import { isUndo } from "../../../model/step.ts";
import { switchover } from "./switchover.ts";

const facts = factsOf({ pg1: {}, pg2: {}, pg3: {} });
const holding: PgFacts = { ...facts, structure: { ...facts.structure, holdsTraffic: true } };
const names = (of: PgFacts): readonly string[] => (switchover(of, "pg1", null) ?? []).map((item) => (isUndo(item) ? `undo ${item.undo}` : item.id));

describe("the controlled switchover", () => {
  test("nothing stands between the stop of the old primary and the promotion; a standby that does not stream any more keeps it from being stopped", () => {
    const items = switchover(facts, "pg1", null) ?? [];
    const stop = items.findIndex((item) => !isUndo(item) && item.do === "stop");
    expect(items[stop]).toMatchObject({ params: { node: "pg1", takesOver: "pg2" } });
    expect(items[stop + 1]).toMatchObject({ do: "promote", params: { node: "pg2", from: "pg1" } });
  });
  test("the operator's traffic is held back immediately before the stop, let go right after the promotion, and by the watchdog when we die", () => {
    const all = names(holding);
    const at = all.indexOf("hold traffic");
    expect(all.slice(at, at + 4)).toEqual(["hold traffic", "stop pg1", "promote pg2", "undo hold traffic"]);
    expect(switchover(holding, "pg1", null)?.[at]).toMatchObject({ do: "traffic", held: "release" });
    expect(names(facts)).not.toContain("hold traffic");
  });
});
