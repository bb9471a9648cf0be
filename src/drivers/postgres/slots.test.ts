import { expect, test } from "vitest";
import { nameLike, namedSlot, slotNameOf } from "./slots.ts";

test("A node's slot is the one that its file names, or one of its own name", () => {
  expect(namedSlot("primary_slot_name = 'slot_a'\n")).toBe("slot_a");
  expect([namedSlot("primary_slot_name = ''\n"), namedSlot("work_mem = '4MB'\n"), namedSlot(null)]).toEqual([null, null, null]);
  expect(slotNameOf("PG-1.example")).toBe("pg_1_example");
});
test("A node is called after itself, written as the other one writes its name", () => {
  expect(nameLike("pg-1", "pg-2", "pg-2")).toBe("pg-1");
  expect(nameLike("pg-1", "pg-2", "pg_2")).toBe("pg_1");
});
