import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Json } from "../../model/json.ts";
import type { EventWatch, FeatureOutcome, FeatureWatch, Watched } from "../../model/watch.ts";
import { Watcher } from "./watcher.ts";

let directory: string;
const running: Watcher[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stillwater-watcher-"));
});
afterEach(async () => {
  for (const watcher of running.splice(0)) await watcher.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Parts {
  readonly features?: readonly FeatureWatch[];
  readonly events?: readonly EventWatch[];
  readonly deliver?: (event: Watched["events"][number]) => Promise<void>;
  readonly say?: (text: string) => void;
  readonly handOverMs?: number;
}
function watching({ features = [], events = [], deliver = async () => undefined, say = () => undefined, ...more }: Parts): Watcher {
  const watches = { features, events, close: async () => undefined };
  const watcher = new Watcher({ watches, file: join(directory, "watched.json"), now: Date.now, deliver, say, ...more });
  watcher.start();
  running.push(watcher);
  return watcher;
}
const feature = (name: string, attempt: FeatureWatch["try"]): FeatureWatch => ({ feature: name, everyMs: 5, withinMs: 50, try: attempt });
const works: FeatureOutcome = { is: "works" };
const until = (condition: () => boolean): Promise<void> => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 5_000, interval: 5 });

test("a feature that hangs fails in its time, and the others are tried meanwhile", async () => {
  let tries = 0;
  const watcher = watching({
    features: [
      feature("hangs", () => new Promise(() => {})),
      feature("works", async () => {
        tries++;
        return works;
      }),
    ],
  });
  await until(() => tries > 20);
  const { features } = await watcher.finish();
  const [hangs, fine] = features;
  expect(fine).toMatchObject({ feature: "works", refused: 0, failed: 0, outages: [] });
  expect(hangs).toMatchObject({ feature: "hangs", works: 0, outages: [{ to: null, why: "no answer within 50 ms" }] });
});

test("a try that throws has failed", async () => {
  let tries = 0;
  const watcher = watching({
    features: [
      feature("broken", async () => {
        tries++;
        throw new Error("no route");
      }),
    ],
  });
  await until(() => tries > 2);
  expect((await watcher.finish()).features[0]?.outages).toEqual([{ from: expect.any(Number) as number, to: null, why: "no route" }]);
});

test("what did not work when it was tried last is tried once more at the end: the run may have ended the outage since", async () => {
  let back = false;
  const seldom = (name: string, attempt: FeatureWatch["try"]): FeatureWatch => ({ ...feature(name, attempt), everyMs: 60_000 });
  const refused: FeatureOutcome = { is: "refused", why: "maintenance" };
  const watcher = watching({ features: [seldom("calls", async () => (back ? works : refused)), seldom("logon", async () => refused)] });
  await until(() => watcher.seen.features.length === 2);
  back = true;
  const { features } = await watcher.finish();
  expect(features).toMatchObject([
    { feature: "calls", tries: 2, outages: [{ to: expect.any(Number) as number }] },
    { feature: "logon", outages: [{ to: null, why: "maintenance" }] },
  ]);
});

test("our own end is no outage", async () => {
  let begun = false;
  const watcher = watching({
    features: [{ feature: "slow", everyMs: 5, withinMs: 60_000, try: () => ((begun = true), new Promise(() => {})) }],
  });
  await until(() => begun);
  expect((await watcher.finish()).features).toEqual([]);
});

const alerts = (policy: EventWatch["policy"], collect: EventWatch["collect"]): EventWatch => ({
  name: "alerts",
  everyMs: 5,
  policy,
  why: "because",
  collect,
});
const event = (key: string) => ({ key, at: 1, object: "job 7", what: "failed" });

test("queued events are handed over at the end, each once, and a successor goes on from where the first one was", async () => {
  const told: string[] = [];
  const cursors: Json[] = [];
  const deliver = async ({ key }: { readonly key: string }) => void told.push(key);
  const collect: EventWatch["collect"] = async (cursor) => {
    cursors.push(cursor);
    const next = Number(cursor ?? 0) + 1;
    return { events: next <= 3 ? [event(`e${String(next)}`)] : [], cursor: next };
  };
  const first = watching({ events: [alerts("queue", collect)], deliver });
  await until(() => cursors.length >= 2);
  await first.stop();
  const seen = cursors.length;
  expect(told).toEqual([]);
  const second = watching({ events: [alerts("queue", collect)], deliver });
  await until(() => cursors.length >= 4);
  const { events } = await second.finish();
  expect(cursors[seen]).toBe(seen);
  expect(told).toEqual(["e1", "e2", "e3"]);
  expect(events.every(({ deliveredAt }) => deliveredAt !== null)).toBe(true);
});

test("an event that could not be handed over is handed over later, and said once", async () => {
  const said: string[] = [];
  let reached = false;
  const told: string[] = [];
  const watcher = watching({
    events: [alerts("deliver", async () => ({ events: [event("a")], cursor: null }))],
    deliver: async ({ key }) => {
      if (!reached) throw new Error("the pager is down");
      told.push(key);
    },
    say: (text) => said.push(text),
  });
  await until(() => said.length > 0);
  reached = true;
  await watcher.finish();
  expect(said).toEqual(["an event could not be handed over: the pager is down"]);
  expect(told).toEqual(["a"]);
});

test("a slow way to the operator does not hold the report of a run: what was not handed over in time is said, and told as not handed over", async () => {
  const said: string[] = [];
  const slow = (ms: number) => async () => new Promise<void>((resolve) => void setTimeout(resolve, ms));
  const collect: EventWatch["collect"] = async () => ({ events: Array.from({ length: 50 }, (_, index) => event(String(index))), cursor: null });
  const watcher = watching({ events: [alerts("queue", collect)], deliver: slow(20), say: (text) => said.push(text), handOverMs: 100 });
  await until(() => watcher.seen.events.length === 50);
  const handedOver = (await watcher.finish()).events.filter(({ deliveredAt }) => deliveredAt !== null).length;
  expect(handedOver).toBeGreaterThan(0);
  expect(handedOver).toBeLessThan(50);
  expect(said).toEqual([`${String(50 - handedOver)} events were not handed over: it took too long`]);
});

test("at the end all lists are read at once: of several that hang, the report of a run waits for one time only", async () => {
  const begun: string[] = [];
  let both: () => void = () => undefined;
  const met = new Promise<void>((resolve) => (both = resolve));
  const meets = (name: string): EventWatch => ({
    ...alerts("drop", async () => {
      if (begun.push(name) === 2) both();
      await met;
      return { events: [], cursor: null };
    }),
    name,
  });
  const watches = { features: [], events: [meets("a"), meets("b")], close: async () => undefined };
  const watcher = new Watcher({
    watches,
    file: join(directory, "watched.json"),
    now: Date.now,
    deliver: async () => undefined,
    say: () => undefined,
  });
  expect(await watcher.finish()).toMatchObject({ blind: [] });
  expect(begun).toEqual(["a", "b"]);
}, 5_000);

test("one that came only to conclude says how long nobody has tried", async () => {
  const first = watching({ features: [feature("logon", async () => works)] });
  await until(() => first.seen.features.length > 0);
  await first.stop();
  const watches = { features: [feature("logon", async () => works)], events: [], close: async () => undefined };
  const now = (): number => Date.now() + 60_000;
  const last = new Watcher({ watches, file: join(directory, "watched.json"), now, deliver: async () => undefined, say: () => undefined });
  expect((await last.finish()).features[0]?.holes).toHaveLength(1);
});

test("one that only stops hands over no more: a successor does", async () => {
  let told = 0;
  const deliver = async () =>
    new Promise<void>((resolve) => {
      told++;
      setTimeout(resolve, 20);
    });
  const collect: EventWatch["collect"] = async () => ({ events: Array.from({ length: 50 }, (_, index) => event(String(index))), cursor: null });
  const watcher = watching({ events: [alerts("deliver", collect)], deliver });
  await until(() => told > 0);
  await watcher.stop();
  expect(told).toBeLessThan(50);
});

test("a watch that cannot see says so once, and sees again", async () => {
  const said: string[] = [];
  let calls = 0;
  const watcher = watching({
    events: [
      alerts("drop", async () => {
        if (++calls < 5) throw new Error("connection refused");
        return { events: [event("late")], cursor: null };
      }),
    ],
    say: (text) => said.push(text),
  });
  await until(() => calls > 5);
  const { events } = await watcher.finish();
  expect(said).toEqual(["alerts: connection refused"]);
  expect(events.map(({ key, deliveredAt }) => [key, deliveredAt])).toEqual([["late", null]]);
});

test.each(['{"version":2,"features":{}}', "{}", "", "[]", '{"version":1,"features":[]}'])(
  "what another release or a power cut left (%s) is set aside and said, and the watching begins anew",
  async (text) => {
    const file = join(directory, "watched.json");
    await writeFile(file, text);
    const said: string[] = [];
    const watcher = watching({ features: [feature("logon", async () => works)], say: (what) => said.push(what) });
    await until(() => (watcher.seen.features[0]?.tries ?? 0) > 0);
    expect(said).toEqual([`${file} cannot be understood: it is set aside as ${file}.damaged, and what was seen before is not counted`]);
    expect(await readFile(`${file}.damaged`, "utf8")).toBe(text);
  },
);

test("what cannot be written, on a full disk, ends neither the watching nor the process, and is written when it can be", async () => {
  const file = join(directory, "watched.json");
  const said: string[] = [];
  const fine = feature("logon", async () => works);
  const first = watching({ features: [fine], say: (text) => said.push(text) });
  await mkdir(file);
  await until(() => said.length > 0);
  await rm(file, { recursive: true });
  await first.stop();
  expect(said).toHaveLength(1);
  const tries = first.seen.features[0]?.tries ?? 0;
  expect(tries).toBeGreaterThan(0);
  const second = watching({ features: [fine] });
  expect(second.seen.features[0]?.tries).toBe(tries);
});
