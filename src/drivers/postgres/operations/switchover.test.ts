import { describe, expect, test } from "vitest";
import type { PgFacts } from "../facts.ts";
import { factsOf } from "../testing/facts-fixture.ts";
import type { Look } from "../../../model/driver.ts";
import { isUndo } from "../../../model/step.ts";
import { ScriptedServers, type Script } from "../testing/scripted-servers.ts";
import { promoteOperation, switchover } from "./switchover.ts";

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

describe("the promotion", () => {
  const caughtUp = { recovery: true, received: "0/1078", replayed: "0/1078", system: "7", started: "at first" };
  const before = { shutdown: "0/1078", timeline: 1, systemIdentifier: "7" };
  const script = (more: Script = {}): Script => ({ pg1: { is: "down" }, pg2: { rows: () => [caughtUp] }, pg3: {}, ...more });
  const look = async (servers: ScriptedServers, receipt: { readonly started: string } | null = null): Promise<Look> =>
    promoteOperation(servers).operation.look({ node: "pg2", from: "pg1" }, { before, receipt }, { now: 0 });

  test("a standby that has all of the old primary's log is promoted while nobody leads", async () => {
    expect(await look(new ScriptedServers(script()))).toEqual({ is: "open" });
  });
  test("somebody has promoted another standby while the run stood still: a person is asked, no second primary is made", async () => {
    expect(await look(new ScriptedServers(script({ pg3: { is: "primary" } })))).toMatchObject({
      is: "unclear",
      known: expect.arrayContaining(["pg3 serves as the primary"]) as string[],
    });
    const both = script({ pg2: { is: "primary", rows: () => [{ ...caughtUp, recovery: false }] }, pg3: { is: "primary" } });
    expect(await look(new ScriptedServers(both))).toMatchObject({ is: "unclear" });
  });
  test("while another server runs and does not answer, who leads is not known, and nothing is promoted", async () => {
    await expect(look(new ScriptedServers(script({ pg3: { is: "silent" } })))).rejects.toThrow(/who leads is not known/);
  });
  test("the old primary was started again meanwhile: nothing is promoted", async () => {
    expect(await look(new ScriptedServers(script({ pg1: { is: "primary" } })))).toMatchObject({ is: "waiting" });
  });
  test("who leads is asked of each other server once, beside the questions that are asked anyway", async () => {
    const servers = new ScriptedServers(script());
    await look(servers);
    expect(servers.asked.toSorted()).toEqual(["pg1 host", "pg2 sql", "pg3 role"]);
  });
});
