import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** A clock that only waiting moves; each wait ends so much too late. */
function paced(lateMs: (n: number) => number = () => 0) {
  let now = 1_000_000;
  let waits = 0;
  const pace = new Pace({
    now: () => now,
    wait: async (ms) => {
      now += ms + lateMs(waits++);
    },
  });
  const sent: number[] = [];
  const send = async (requests: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: requests }, async () => {
        await pace.take();
        sent.push(now);
      }),
    );
  };
  /** Of any second. */
  const busiest = (): number => Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + 1_000).length));
  return { pace, send, sent, busiest };
}

test("before a drain requests go out as they come; from then on evenly, by how many programs run over all namespaces", async () => {
  const { pace, send, sent, busiest } = paced();
  pace.sees("default", 750);
  pace.sees("finance", 250);
  await send(100);
  expect(new Set(sent).size).toBe(1);
  sent.length = 0;
  pace.limit();
  await send(300);
  expect(busiest()).toBeLessThanOrEqual(57);
  expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeGreaterThan((297 * 1_000) / 56);
  // Those that have ended do not make it slower: they are asked about all the same.
  pace.sees("default", 10);
  sent.length = 0;
  await send(100);
  expect(busiest()).toBeGreaterThanOrEqual(56);
});

test("a process that was held up does not make up for it at once", async () => {
  const { pace, send, busiest } = paced((n) => (n === 20 ? 500 : 0));
  pace.sees("default", 1_000);
  pace.limit();
  await send(300);
  expect(busiest()).toBeLessThanOrEqual(57);
});

test("timers that are late by less than one request's time cost nothing", async () => {
  const { pace, send, sent } = paced(() => 1);
  pace.sees("default", 1_000);
  pace.limit();
  await send(300);
  expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeLessThan((299 * 1_000) / 56 + 20);
});

test("when the next request would be sent counts those that wait already", async () => {
  const { pace, send } = paced();
  pace.limit();
  const began = pace.next;
  const sending = send(10);
  expect(pace.next - began).toBeCloseTo((10 * 1_000) / 16, 0);
  await sending;
});
