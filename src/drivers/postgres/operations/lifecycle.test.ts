import { expect, test } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { ScriptedServers } from "../testing/scripted-servers.ts";
import { stopOperation } from "./lifecycle.ts";

test("a primary goes on serving while the replay of the standby that takes over is held back", async () => {
  const stop = async (heldBack: boolean): Promise<Look> => {
    const servers = new ScriptedServers({
      pg1: { is: "primary", rows: () => [{ position: "0/1000" }] },
      pg2: { rows: () => [{ streaming: true, received: "0/1000", heldBack }] },
    });
    return stopOperation(servers).operation.look({ node: "pg1", takesOver: "pg2" }, { before: null, receipt: null }, { now: 0 });
  };
  expect(await stop(true)).toMatchObject({ is: "waiting", for: expect.stringContaining("goes on serving writes") as string });
  expect(await stop(false)).toEqual({ is: "open" });
});
