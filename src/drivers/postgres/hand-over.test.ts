import { expect, test } from "vitest";
import { HandOver } from "./hand-over.ts";

test("what was seen is handed over once, at once, and to the step that it was seen for", () => {
  let now = 1_000;
  const handOver = new HandOver<{ readonly state: string }>(() => now);
  const down = { state: "down" };
  handOver.give("swap pg1", down);
  expect(handOver.take("swap pg2")).toBeNull();
  expect(handOver.take("swap pg1")).toBe(down);
  expect(handOver.take("swap pg1")).toBeNull();
  handOver.give("swap pg1", { state: "down" });
  now += 201;
  expect(handOver.take("swap pg1")).toBeNull();
  now -= 201;
  expect(handOver.take("swap pg1")).toBeNull();
  handOver.give("swap pg1", down);
  handOver.forget("swap pg1");
  expect(handOver.take("swap pg1")).toBeNull();
});
test("handed on, also as part of something new, it gets no younger", () => {
  let now = 1_000;
  const handOver = new HandOver<{ readonly state: string }>(() => now);
  const down = handOver.give("stop", { state: "down" });
  now += 150;
  handOver.give("swap", down);
  handOver.give("start", { ...down }, down);
  now += 51;
  expect(handOver.take("swap")).toBeNull();
  expect(handOver.take("start")).toBeNull();
});
