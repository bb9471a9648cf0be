import { expect, test } from "vitest";
import { HandOver } from "./hand-over.ts";

test("what was seen is handed over once, at once, and to the step that it was seen for", () => {
  let now = 1_000;
  const handOver = new HandOver<{ readonly state: string }>(() => now);
  const seen = (): { readonly state: string } => handOver.dated({ state: "down" }, now);
  const down = seen();
  handOver.give("swap pg1", down);
  expect(handOver.take("swap pg2")).toBeNull();
  expect(handOver.take("swap pg1")).toBe(down);
  expect(handOver.take("swap pg1")).toBeNull();
  handOver.give("swap pg1", seen());
  now += 201;
  expect(handOver.take("swap pg1")).toBeNull();
  now -= 201;
  expect(handOver.take("swap pg1")).toBeNull();
  handOver.give("swap pg1", down);
  handOver.forget("swap pg1");
  expect(handOver.take("swap pg1")).toBeNull();
});
test("handed on, also as part of something new or by another hand, it gets no younger", () => {
  let now = 1_000;
  const handOver = new HandOver<{ readonly state: string }>(() => now);
  const other = new HandOver<{ readonly state: string }>(() => now);
  const down = handOver.give("stop", handOver.dated({ state: "down" }, now));
  now += 150;
  handOver.give("swap", down);
  handOver.give("start", { ...down }, down);
  other.give("promote", down);
  now += 51;
  expect(handOver.take("swap")).toBeNull();
  expect(handOver.take("start")).toBeNull();
  expect(other.take("promote")).toBeNull();
});
test("an answer that was long under way is not fresh when it comes", async () => {
  let now = 1_000;
  const handOver = new HandOver<{ readonly state: string }>(() => now);
  const late = await handOver.ask(async () => ((now += 12_000), { state: "down" }));
  expect(handOver.take((handOver.give("stop", late), "stop"))).toBeNull();
  const quick = await handOver.ask(async () => ((now += 20), { state: "down" }));
  expect(handOver.take((handOver.give("stop", quick), "stop"))).toBe(quick);
});
