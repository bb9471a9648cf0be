import { expect, test } from "vitest";
import { HandOver } from "./hand-over.ts";

test("what was seen is handed over once, at once, and to the step that it was seen for", () => {
  let now = 1_000;
  const handOver = new HandOver<string>(() => now);
  handOver.give("swap pg1", "down");
  expect(handOver.take("swap pg2")).toBeNull();
  expect(handOver.take("swap pg1")).toBe("down");
  expect(handOver.take("swap pg1")).toBeNull();
  handOver.give("swap pg1", "down");
  now += 51;
  expect(handOver.take("swap pg1")).toBeNull();
  now -= 51;
  expect(handOver.take("swap pg1")).toBeNull();
});
