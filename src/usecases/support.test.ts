import { expect, test } from "vitest";
import type { JournalEntry } from "../model/event.ts";
import { alarmsOf } from "./support.ts";

const trouble = { object: "db.t/0", what: "operation 8 is kFailed", lines: ["n1: a", "n1: b", "n2: c", "n2: d"] };

test("[OM-17] what failed is told once, with the last lines of the logs that name it", () => {
  const told = alarmsOf([trouble], []);
  expect(told).toEqual([{ is: "alarm", what: "db.t/0: operation 8 is kFailed; n1: b | n2: c | n2: d", step: null }]);
  const entries = told.map((event, index) => ({ n: index + 1, at: 0, epoch: 1, event })) as unknown as readonly JournalEntry[];
  expect(alarmsOf([trouble, { ...trouble, object: "db.t/1", lines: [] }], entries)).toEqual([
    { is: "alarm", what: "db.t/1: operation 8 is kFailed; no log line names it", step: null },
  ]);
});
