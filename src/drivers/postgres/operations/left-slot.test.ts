import { expect, test } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { isUndo } from "../../../model/step.ts";
import { toldServers } from "../testing/told-servers.ts";
import { leftSlotOperation } from "./left-slot.ts";
import { tidyOperation } from "./switchover.ts";

interface Slots {
  /** What pg1, a former primary, brought back: the name, and whether somebody reads it. */
  readonly left: Readonly<Record<string, boolean>>;
  /** What pg2, the primary, has of them. */
  readonly leads: readonly string[];
}
const none = { before: null, receipt: null };
const serversOf = ({ left, leads }: Slots) =>
  toldServers({
    nodes: ["pg1", "pg2"],
    answer(node, sql) {
      if (sql.includes("pg_is_in_recovery() as recovery")) return [{ recovery: node === "pg1", version: "17.0" }];
      if (sql.includes("primary_slot_name")) return [{ name: "" }];
      if (sql.includes("slot_type = 'physical'")) return [];
      return node === "pg1" ? Object.entries(left).map(([name, active]) => ({ name, active })) : leads.map((name) => ({ name }));
    },
  });
const expanded = (look: Look): unknown => (look.is === "expand" ? look.into.map((item) => (isUndo(item) ? null : [item.do, item.params])) : look);

test("A former primary's failover slots are dropped where the new primary has them and nobody reads them here", async () => {
  const tidy = tidyOperation(serversOf({ left: { sub1: false, sub2: false, read: true }, leads: ["sub1", "read"] })).operation;
  expect(expanded(await tidy.look({ node: "pg1" }, none, { now: 0 }))).toEqual([["leftSlot", { node: "pg1", name: "sub1" }]]);
  const nothing = tidyOperation(serversOf({ left: {}, leads: ["sub1"] })).operation;
  expect(await nothing.look({ node: "pg1" }, none, { now: 0 })).toEqual({ is: "done" });
});
test("The drop is done when the slot is gone, and waits for a reader who came back", async () => {
  const look = (left: Slots["left"]): Promise<Look> =>
    leftSlotOperation(serversOf({ left, leads: ["sub1"] })).operation.look({ node: "pg1", name: "sub1" }, none, { now: 0 });
  expect(await look({ sub1: false })).toEqual({ is: "open" });
  expect(await look({ sub1: true })).toMatchObject({ is: "waiting" });
  expect(await look({ other: false })).toEqual({ is: "done" });
});
