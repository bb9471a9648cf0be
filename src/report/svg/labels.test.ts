import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeLabels, widthOf } from "./labels.ts";

test("labels never cover each other, and stay near what they name", () => {
  const wanted = fc.record({ text: fc.constantFrom("stop", "backup", "replace", "undo: restore"), x: fc.double({ min: 0, max: 100, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (labels, rows) => {
      const placed = placeLabels(labels, rows);
      for (const [index, one] of placed.entries()) {
        const before = placed.slice(0, index).findLast((other) => other.row === one.row);
        if (before) expect(one.labelX - widthOf(one.text) / 2).toBeGreaterThanOrEqual(before.labelX + widthOf(before.text) / 2 - 0.02);
        expect(Math.abs(one.labelX - one.x)).toBeLessThanOrEqual(3.2 + widthOf(one.text));
        expect(one.row).toBeLessThan(rows);
      }
    }),
  );
});
test("where there is room, every label stands in the middle", () => {
  const placed = placeLabels(
    [
      { text: "stop", x: 20 },
      { text: "start", x: 60 },
    ],
    1,
  );
  expect(placed.map((label) => label.labelX)).toEqual([20, 60]);
});
