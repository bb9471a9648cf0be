import { describe, expect, test } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { ScriptedServers, snapshotOf, type ScriptedNode } from "../testing/scripted-servers.ts";
import { beforeStart } from "./rejoin.ts";

describe("the start of a server that was the primary, while nobody leads", () => {
  const stopped: ScriptedNode = { is: "down", control: { timeline: 2 } };
  const start = async (other: ScriptedNode, own: ScriptedNode = stopped): Promise<Look | null> =>
    beforeStart(new ScriptedServers({ pg1: own, pg2: other, pg3: {} }), "pg1", snapshotOf(own));
  const down = (state: NonNullable<ScriptedNode["control"]>["state"], timeline: number): ScriptedNode => ({
    is: "down",
    control: { ...(state === undefined ? {} : { state }), timeline },
  });

  test.each<[string, ScriptedNode]>([
    ["standbys serve", {}],
    ["a standby is stopped", down("shut down in recovery", 2)],
    ["a standby has crashed", down("in archive recovery", 1)],
    ["one that it took over from has stopped in order", down("shut down", 1)],
  ])("it leads again when %s", async (_, other) => {
    expect(await start(other)).toBeNull();
  });
  test.each<[string, ScriptedNode]>([
    ["was promoted and crashed before its first checkpoint", down("in production", 1)],
    ["crashed as a primary", down("in production", 2)],
    ["crashed while it stopped", down("shutting down", 2)],
    ["crashed while it recovered", down("in crash recovery", 1)],
    ["stopped as a primary on the same timeline", down("shut down", 2)],
    ["has gone on to a later timeline", down("shut down in recovery", 3)],
  ])("a person is asked when another %s", async (_, other) => {
    expect(await start(other)).toMatchObject({ is: "unclear", known: [expect.stringContaining("pg2")] });
  });
});
