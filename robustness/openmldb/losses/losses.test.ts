import { describe, expect, it } from "vitest";
import { causes, playLoss } from "./play.ts";

describe("the vendor's procedure under load, in the lab [OM-4]", () => {
  it.each(causes)("loses acknowledged rows by cause %s, as many as metadata and tablets tell", async (cause) => {
    const { lost, wrong, changes } = await playLoss(cause, 5);
    expect(wrong).toEqual([]);
    expect(changes.length).toBeGreaterThan(0);
    expect(lost[cause] ?? 0).toBeGreaterThan(0);
  });
  it("the same seed loses the same rows", async () => {
    const [first, second] = [await playLoss("A", 7), await playLoss("A", 7)];
    expect(second).toEqual(first);
  });
});
