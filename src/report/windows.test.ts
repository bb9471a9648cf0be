import { describe, expect, test } from "vitest";
import { plan, t0 } from "./testing/plan.ts";
import { abortedRun, normalRun } from "./testing/runs.ts";
import { JournalWriter } from "./testing/writer.ts";
import { riskWindows } from "./windows.ts";

const at = (entries: JournalWriter["entries"], is: string, step: string): number =>
  entries.find((entry) => entry.event.is === is && "step" in entry.event && entry.event.step === step)!.at;

describe("risk windows", () => {
  test("a move begins with the stop that it expanded into, a restart with its stop; both last until the node is ready", () => {
    const { plan: made, entries } = normalRun();
    const journal = [...entries];
    const windows = riskWindows(made, entries, ["p"]);
    const ready = at(journal, "done", "pg1 ready");
    const stopped = at(journal, "acting", "pg1 away/0.stop");
    expect(windows).toEqual([
      { turn: "1", kind: "restart", partition: "p", from: at(journal, "acting", "pg3 stop"), to: at(journal, "done", "pg3 ready") },
      { turn: "2", kind: "restart", partition: "p", from: at(journal, "acting", "pg2 stop"), to: at(journal, "done", "pg2 ready") },
      { turn: "3", kind: "move", partition: "p", from: stopped, to: ready },
      { turn: "3", kind: "restart", partition: "p", from: stopped, to: ready },
    ]);
  });

  test("every partition has its own", () => {
    const { plan: made, entries } = normalRun();
    expect(riskWindows(made, entries, ["a", "b", "c"])).toHaveLength(12);
    expect(riskWindows(made, entries, [])).toEqual([]);
  });

  test("a turn that found everything done has none", () => {
    const journal = new JournalWriter(t0)
      .claim("ana", "apply")
      .met("pg3 stop", 1)
      .met("pg3 backup", 1)
      .met("pg3 swap", 1)
      .met("pg3 start", 1)
      .met("pg3 ready", 1);
    expect(riskWindows(plan, journal.entries, ["p"])).toEqual([]);
  });

  test("one that has not ended lasts until the last entry", () => {
    const journal = new JournalWriter(t0).claim("ana", "apply").act("pg3 stop", 100).act("pg3 backup", 100).begin("pg3 swap").wait(5_000);
    journal.write({ is: "alarm", what: "gone", step: null });
    expect(riskWindows(plan, journal.entries, ["p"])).toEqual([{ turn: "1", kind: "restart", partition: "p", from: t0, to: t0 + 5_200 }]);
  });

  test("a turn that was put back is at risk until the last step of the way back", () => {
    const { plan: made, entries } = abortedRun();
    const windows = riskWindows(made, entries, ["p"]);
    expect(windows.at(-1)).toMatchObject({ turn: "2", to: at([...entries], "done", "undo pg2 stop/start") });
  });

  test("a turn that is being put back is not over", () => {
    const journal = new JournalWriter(t0)
      .claim("ana", "apply")
      .act("pg3 stop", 100)
      .act("pg3 backup", 100)
      .act("pg3 swap", 100)
      .act("pg3 start", 100)
      .begin("pg3 ready")
      .wait(10);
    journal.write({ is: "aborting", turn: "1", finish: false, by: "ben", reason: "no" }).wait(10).begin("undo pg3 start/stop").wait(30);
    journal.write({ is: "alarm", what: "slow", step: null });
    expect(riskWindows(plan, journal.entries, ["p"])[0]).toMatchObject({ to: journal.at });
  });
});
