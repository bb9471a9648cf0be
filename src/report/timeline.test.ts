import { describe, expect, test } from "vitest";
import { plan, step, switchover, t0 } from "./testing/plan.ts";
import { abortedRun, crashedRun, normalRun } from "./testing/runs.ts";
import { JournalWriter } from "./testing/writer.ts";
import { timelineOf } from "./timeline.ts";

const bar = (timeline: ReturnType<typeof timelineOf>, id: string) => timeline.bars.find((one) => one.step === id)!;

describe("bars", () => {
  test("an expansion keeps the phase and the node of the step it expanded into, and the turn of its parent", () => {
    const { plan: made, entries } = normalRun();
    const timeline = timelineOf(made, entries);
    expect(bar(timeline, "pg1 away/0.promote")).toMatchObject({ turn: "3", nodes: ["pg2"], phase: "move", parent: "pg1 away", acts: 1, done: true });
    expect(bar(timeline, "pg1 away/0.received")).toMatchObject({ nodes: ["pg1"], acts: 0 });
  });

  test("an expansion that was journaled without its prefix is the same", () => {
    const { plan: made, entries } = normalRun();
    const bare = entries.map((entry) => (entry.event.is === "expanded" ? { ...entry, event: { ...entry.event, into: switchover } } : entry));
    expect(timelineOf(made, bare)).toEqual(timelineOf(made, entries));
  });

  test("a second round of an expansion is not the first", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply");
    const slot = step("slot", "start", "pg2", "make the slot");
    journal.write({ is: "expanded", step: "pg3 start", into: [slot] }).act("pg3 start/0.slot", 10);
    journal.write({ is: "expanded", step: "pg3 start", into: [{ ...slot, phase: "move" }] }).act("pg3 start/1.slot", 10);
    const timeline = timelineOf(plan, journal.entries);
    expect([bar(timeline, "pg3 start/0.slot").phase, bar(timeline, "pg3 start/1.slot").phase]).toEqual(["start", "move"]);
  });

  test("a condition that was only waited for began when nothing else was under way", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").act("pg3 stop", 100).met("pg3 ready", 400);
    expect(bar(timelineOf(plan, journal.entries), "pg3 ready")).toMatchObject({ from: t0 + 100, to: t0 + 500, acts: 0 });
  });

  test("a step that never ended is open, or given up by an abort", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").begin("pg3 swap").wait(50);
    expect(bar(timelineOf(plan, journal.entries), "pg3 swap")).toMatchObject({ to: null, done: false });
    journal.write({ is: "aborting", turn: "1", finish: false, by: "ben", reason: "no" });
    expect(bar(timelineOf(plan, journal.entries), "pg3 swap")).toMatchObject({ to: t0 + 50, done: false });
  });

  test("a step of the turn that an abort still finishes stays open", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").begin("pg3 swap").wait(50);
    journal.write({ is: "aborting", turn: "1", finish: true, by: "ben", reason: "no" }).wait(50).done("pg3 swap");
    expect(bar(timelineOf(plan, journal.entries), "pg3 swap")).toMatchObject({ to: t0 + 100, done: true });
  });

  test("a step that the plan does not know is shown, not an error", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").act("nobody knows", 10).act("undo nobody/knows", 10);
    expect(timelineOf(plan, journal.entries).bars.map((one) => one.turn)).toEqual([null, null]);
  });
});

describe("nodes", () => {
  test("do not serve from the first act of a stop until they were seen ready, whichever step stopped them", () => {
    const { plan: made, entries } = normalRun();
    const timeline = timelineOf(made, entries);
    const pg1 = timeline.nodes.find((node) => node.node === "pg1")!;
    expect(pg1).toEqual({
      node: "pg1",
      restarts: 1,
      unavailable: [{ from: bar(timeline, "pg1 away/0.stop").from, to: bar(timeline, "pg1 ready").to }],
    });
    expect(timeline.nodes.map((node) => node.restarts)).toEqual([1, 1, 1]);
  });

  test("stopped in one turn and started in another are unavailable in between", () => {
    const split = {
      ...plan,
      turns: [
        { id: "move", nodes: [], items: [step("away", "stop", "pg1", "stop")] },
        { id: "pg1", nodes: ["pg1"], items: [step("up", "start", null, "start")] },
      ],
    };
    const journal = new JournalWriter(t0).claim("ana", "apply").act("away", 100).wait(1000).act("up", 200);
    expect(timelineOf(split, journal.entries).nodes).toEqual([{ node: "pg1", restarts: 1, unavailable: [{ from: t0, to: t0 + 1300 }] }]);
  });

  test("that were put back after an abort serve again when the undo of the stop is done", () => {
    const { plan: made, entries } = abortedRun();
    const timeline = timelineOf(made, entries);
    const pg2 = timeline.nodes.find((node) => node.node === "pg2")!;
    expect(pg2.unavailable).toEqual([{ from: bar(timeline, "pg2 stop").from, to: bar(timeline, "undo pg2 stop/start").to }]);
  });

  test("stopped twice were unavailable twice", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").act("pg3 stop", 100).act("pg3 start", 100).met("pg3 ready", 50);
    journal.write({ is: "aborting", turn: "1", finish: false, by: "ben", reason: "no" });
    journal.act("undo pg3 start/stop", 100).act("undo pg3 stop/start", 100);
    const pg3 = timelineOf(plan, journal.entries).nodes.find((node) => node.node === "pg3")!;
    expect(pg3.unavailable).toEqual([
      { from: t0, to: t0 + 250 },
      { from: t0 + 250, to: t0 + 450 },
    ]);
    expect(pg3.restarts).toBe(2);
  });

  test("that never came back are open, and not counted as restarted", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").act("pg3 stop", 100).begin("pg3 start").wait(500);
    expect(timelineOf(plan, journal.entries).nodes.find((node) => node.node === "pg3")).toEqual({
      node: "pg3",
      restarts: 0,
      unavailable: [{ from: t0, to: null }],
    });
  });
});

describe("time", () => {
  test("a crash, a pause and a question are gaps with their reasons, and no part of the critical path", () => {
    const { plan: made, entries } = crashedRun();
    const timeline = timelineOf(made, entries);
    expect(timeline.away.map(({ is, from, to }) => [is, to! - from])).toEqual([
      ["gone", 6_260],
      ["pause", 1_800_000],
      ["ask", 3_100],
    ]);
    expect(timeline.away[1]!.why).toContain("shift change");
    expect(timeline.claims.map((claim) => [claim.epoch, claim.holder])).toEqual([
      [1, "ana on jump1"],
      [2, "ben on jump2"],
      [3, "ana on jump1"],
    ]);
    expect(timeline.wallMs).toBe(entries.at(-1)!.at - t0);
    expect(timeline.criticalPathMs).toBeLessThan(7_000);
    expect(timeline.criticalPathMs).toBeGreaterThan(5_500);
  });

  test("a lease that is set again after a crash does not make its turn longer, and putting it back belongs to the turn that says so", () => {
    const { plan: made, entries } = crashedRun();
    const { turns } = timelineOf(made, entries);
    const [begin, , , , end] = turns;
    expect(begin!.to! - begin!.from!).toBe(930);
    expect(end!.to! - end!.from!).toBe(25);
  });

  test("steps under way at the same time are counted once", () => {
    const journal = new JournalWriter(t0)
      .claim("ana", "apply")
      .begin("pg3 stop")
      .wait(100)
      .begin("pg2 stop")
      .wait(100)
      .done("pg3 stop")
      .wait(100)
      .done("pg2 stop");
    expect(timelineOf(plan, journal.entries)).toMatchObject({ wallMs: 300, criticalPathMs: 300 });
  });

  test("a journal that is still empty has no time", () => {
    expect(timelineOf(plan, [])).toMatchObject({ bars: [], away: [], wallMs: 0, criticalPathMs: 0 });
  });

  test("a question that an abort ends is not open for ever; a pause that nobody has ended is", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").write({ is: "asked", step: "pg3 stop", code: "SW2104", question: "now?" }).wait(100);
    journal.write({ is: "aborting", turn: null, finish: false, by: "ben", reason: "no" }).wait(50);
    journal.write({ is: "paused", step: null, code: "operator", why: "lunch" });
    expect(timelineOf(plan, journal.entries).away.map(({ is, to }) => [is, to])).toEqual([
      ["ask", t0 + 100],
      ["pause", null],
    ]);
  });
});
