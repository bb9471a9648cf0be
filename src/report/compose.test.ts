import { describe, expect, test } from "vitest";
import { composeReport, type Ingredients } from "./compose.ts";
import { verdictLine } from "./words.ts";
import { parseReport } from "./schema.ts";
import { leasesOf } from "./leases.ts";
import { plan, t0 } from "./testing/plan.ts";
import { abortedRun, crashedRun, failedRun, normalRun, runs, unmeasuredRun } from "./testing/runs.ts";
import { JournalWriter } from "./testing/writer.ts";

const verdict = (run: Ingredients, more: Partial<Ingredients["continuity"]> | null = {}): string =>
  composeReport({ ...run, continuity: run.continuity === null || more === null ? null : { ...run.continuity, ...more } }).verdict;

describe("verdict", () => {
  test("passes only what was measured and succeeded", () => {
    expect(verdict(normalRun())).toBe("pass");
    expect(verdict(crashedRun())).toBe("pass");
  });
  test("fails on every kind of harm, even when the probe itself says pass", () => {
    for (const kind of ["lost", "corrupted", "duplicated", "replicaOnly"] as const) expect(verdict(normalRun(), { [kind]: 1 })).toBe("fail");
    expect(verdict(normalRun(), { verdict: "fail" })).toBe("fail");
    const violated = { coverage: "x", objects: [], violations: [{ object: "pg2", what: "behind" }] };
    expect(composeReport({ ...normalRun(), systemProof: violated }).verdict).toBe("fail");
  });
  test("never passes where the goal was not seen to be reached: a step was left out, or nobody could look", () => {
    const run = normalRun();
    const [first, ...others] = run.nodes.after;
    const behind = { ...run, nodes: { ...run.nodes, after: [{ ...first!, version: "17.4" }, ...others] } };
    const report = composeReport(behind);
    expect(report.verdict).toBe("not-measured");
    expect(report.notSeen[0]).toBe(`the goal: ${first!.name} runs 17.4, not 17.10`);
    // The line that people read first says why.
    expect(verdictLine(report)).toContain(`Not measured: the goal: ${first!.name} runs 17.4`);
    expect(composeReport({ ...run, nodes: { ...run.nodes, after: [] } }).verdict).toBe("not-measured");
  });
  test("harm is a failure also where the rest was not measured", () => {
    expect(verdict(normalRun(), { verdict: "not-measured", lost: 1 })).toBe("fail");
  });
  test("a lease that is left behind fails a finished run; one that still stands may hold it", () => {
    const run = failedRun();
    const clean: Ingredients = {
      ...run,
      continuity: { ...run.continuity!, verdict: "pass", lost: 0, duplicated: 0, replicaOnly: 0 },
      systemProof: normalRun().systemProof,
    };
    expect(composeReport(clean)).toMatchObject({ verdict: "fail", leases: { taken: 1, putBack: 0, left: 1 } });
    expect(composeReport({ ...clean, entries: run.entries.slice(0, -1) })).toMatchObject({
      verdict: "not-measured",
      outcome: "unfinished",
      finishedAt: null,
    });
  });
  test("no probe, too little of it, an abort or an open run are never a pass", () => {
    expect(verdict(normalRun(), null)).toBe("not-measured");
    expect(verdict(normalRun(), { verdict: "not-measured" })).toBe("not-measured");
    expect(verdict(abortedRun())).toBe("not-measured");
    expect(composeReport({ ...normalRun(), entries: normalRun().entries.slice(0, -1) }).verdict).toBe("not-measured");
  });
});

describe("sentence", () => {
  const sentence = (run: Ingredients): string => composeReport(run).sentence;
  test("has the figures of the probe, the system's proof, and what was not tested", () => {
    expect(sentence(normalRun())).toBe(
      "0 of 1,919 acknowledged probe records lost, on 1 of 1 touched partitions; 2 outcomes unknown; user data: shutdown position of pg1 received by pg2 (0/6B00128); power loss not tested.",
    );
  });
  test("without a probe promises nothing", () => {
    expect(sentence(unmeasuredRun())).toBe("Continuity not measured: no continuity probe ran; user data: not proved; power loss not tested.");
  });
  test("says first that it was not enough", () => {
    const run = normalRun();
    const continuity = {
      ...run.continuity!,
      verdict: "not-measured" as const,
      why: ["2 of 4 risk windows hold fewer than 5 acknowledgements"],
      windowsMeasured: 2,
    };
    expect(sentence({ ...run, continuity })).toMatch(/^Not enough was measured: 2 of 4 risk windows/);
  });
  test("names harm, and a violation instead of the coverage", () => {
    expect(sentence(failedRun())).toMatch(/^14 of 1,891 .*1 duplicated; 3 found only on a replica.*user data: pg2: received 0\/6AFF0C0/);
  });
});

describe("report", () => {
  test.each(Object.entries(runs))("%s is as its schema says, key by key", (_, run) => {
    const report = composeReport(run());
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
  test("tells the change of a role, and does not believe that what is installed runs", () => {
    const run = normalRun();
    const after = run.nodes.after.map((node) => (node.name === "pg3" ? { ...node, version: null, state: "down" as const, detail: "exit 1" } : node));
    const report = composeReport({ ...run, nodes: { before: run.nodes.before, after } });
    expect(report.nodes.find((node) => node.name === "pg1")).toMatchObject({ role: "standby", roleBefore: "primary", restarts: 1 });
    expect(report.nodes.find((node) => node.name === "pg3")).toMatchObject({ from: "17.0", to: null });
    expect(report.notSeen).toContain("pg3 after the run: down, exit 1");
  });
  test("always says that power loss was not tested, and everything else that was not seen", () => {
    for (const run of Object.values(runs)) expect(composeReport(run()).notSeen[0]).toMatch(/^power loss/);
    const run = normalRun();
    const continuity = {
      ...run.continuity!,
      scope: { ...run.continuity!.scope, partitionsTouched: 3 },
      windowsMeasured: 3,
      probeHolesMs: 900,
      control: "missed" as const,
    };
    const { notSeen } = composeReport({
      ...run,
      continuity,
      systemProof: { coverage: null, objects: [], violations: [] },
      nodes: { before: run.nodes.before, after: [] },
    });
    for (const words of [
      "2 of 3 touched partitions",
      "1 risk window of 4",
      "0.9 s in which the probe",
      "eyesight",
      "own evidence",
      "alerts in turn 3",
      "could not be read",
    ])
      expect(notSeen.join("\n")).toContain(words);
  });
  test("keeps answers, overrides and the abort with names and reasons", () => {
    expect(composeReport(crashedRun())).toMatchObject({
      answers: [{ step: "pg1 away", answer: "approve", by: "ana", reason: "window open until 03:00" }],
      overrides: [{ code: "SW2107", by: "ana" }],
    });
    expect(composeReport(abortedRun()).detail!.aborted).toEqual({ by: "ben", reason: "replication lag alarm on the reporting side" });
  });
  test("does not carry values of settings, which may be secret", () => {
    const run = normalRun();
    const report = composeReport({ ...run, plan: { ...plan, goal: { ...plan.goal, version: null, settings: { password: "hunter2" } } } });
    expect(report.goal).toBe("configuration");
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });
});

describe("leases", () => {
  const journal = () => new JournalWriter(t0).claim("ana", "apply").act("archive", 30);
  const states = (writer: JournalWriter) => leasesOf(plan, writer.entries).map((lease) => [lease.step, lease.to]);
  test("are put back by an undo or by the watchdog, and taken again by a resume", () => {
    expect(states(journal())).toEqual([["archive", null]]);
    expect(states(journal().write({ is: "undone", step: "archive" }))).toEqual([["archive", t0 + 30]]);
    expect(states(journal().write({ is: "released", step: "archive" }))).toEqual([["archive", t0 + 30]]);
    expect(states(journal().write({ is: "released", step: "archive" }).claim("ben", "resume").act("archive", 30))).toEqual([["archive", null]]);
  });
  test("that were never taken are none: nothing acted, or it never happened", () => {
    expect(states(new JournalWriter(t0).claim("ana", "apply").met("archive", 1))).toEqual([]);
    expect(states(new JournalWriter(t0).claim("ana", "apply").begin("archive").wait(5).write({ is: "absent", step: "archive" }))).toEqual([]);
  });
  test("whose end a person left out are still set, although the journal closes them", () => {
    const answered = journal().write({ is: "answered", step: "undo archive/back", answer: "skip", by: "ana", reason: "later" });
    expect(states(answered.write({ is: "undone", step: "archive" }))).toEqual([["archive", null]]);
  });
  test("whose change was made by an expansion are leases too", () => {
    const writer = new JournalWriter(t0)
      .claim("ana", "apply")
      .expand("archive", [{ id: "each", phase: "guard", do: "set", params: null }])
      .act("archive/0.each", 10);
    expect(states(writer)).toEqual([["archive", null]]);
  });
});
