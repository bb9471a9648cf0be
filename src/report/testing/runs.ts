// Five runs by hand: as it should be, killed and resumed, aborted, with losses, and not measured.
import type { SystemProof } from "../../model/driver.ts";
import type { Ingredients } from "../compose.ts";
import { after, before, plan, switchover, t0 } from "./plan.ts";
import { probeSeries, probeVerdict, type Disturbance } from "./probe.ts";
import { JournalWriter } from "./writer.ts";

const received: SystemProof = {
  coverage: "shutdown position of pg1 received by pg2",
  objects: [{ object: "pg1 -> pg2", evidence: "0/6B00128" }],
  violations: [],
};

function begin(journal: JournalWriter): JournalWriter {
  return journal.claim("ana on jump1", "apply").wait(40).act("stage", 900).act("archive", 30).wait(120);
}
function restart(journal: JournalWriter, node: string): JournalWriter {
  return journal
    .act(`${node} stop`, 240)
    .act(`${node} backup`, 420)
    .act(`${node} swap`, 310)
    .act(`${node} start`, 380)
    .met(`${node} ready`, 260)
    .wait(130);
}
/** Returns when the writes stood still. */
function moveAway(journal: JournalWriter): Disturbance {
  journal.expand("pg1 away", switchover).wait(6);
  const from = journal.at + 30;
  journal.act("pg1 away/0.stop", 150).met("pg1 away/0.received", 25).act("pg1 away/0.promote", 170);
  const to = journal.at - 10;
  journal.act("pg1 away/0.repoint pg3", 80).done("pg1 away").met("pg1 stop", 4);
  return { from, to, does: "gap" };
}
function rejoin(journal: JournalWriter): JournalWriter {
  return journal.act("pg1 backup", 400).act("pg1 swap", 320).act("pg1 start", 360).met("pg1 ready", 900).wait(90);
}
function end(journal: JournalWriter): JournalWriter {
  return journal.act("undo archive/restore", 25).write({ is: "undone", step: "archive" }).wait(60).write({ is: "finished", as: "succeeded" });
}
const slow = (journal: JournalWriter, ms: number): Disturbance => ({ from: journal.at, to: journal.at + ms, does: "slow" });

/** Three nodes, a switchover, everything held. */
export function normalRun(): Ingredients {
  const journal = begin(new JournalWriter(t0));
  restart(journal, "pg3");
  restart(journal, "pg2");
  const gap = moveAway(journal);
  const tail = slow(journal, 700);
  end(rejoin(journal));
  const series = probeSeries({ from: t0 - 1_500, to: journal.at + 1_200, perSecond: 200, bucketMs: 50, disturbances: [gap, tail] });
  return { run: 12, plan, entries: journal.entries, continuity: probeVerdict(series), systemProof: received, nodes: { before, after }, series };
}

/** Killed while pg2 started; the watchdog put archiving back; resumed by somebody else, paused once, asked once. */
export function crashedRun(): Ingredients {
  const journal = begin(new JournalWriter(t0));
  restart(journal, "pg3");
  journal.act("pg2 stop", 240).act("pg2 backup", 420).act("pg2 swap", 310).begin("pg2 start").wait(60);
  journal.wait(2_000).write({ is: "alarm", what: "Stillwater on jump1 is gone; archiving was put back", step: "archive" });
  journal.write({ is: "released", step: "archive" }).wait(4_200);
  journal.claim("ben on jump2", "resume").wait(30).act("archive", 30).done("pg2 start").met("pg2 ready", 300).wait(100);
  journal.write({ is: "paused", step: null, code: "operator", why: "ana: pause, shift change" }).wait(1_800_000);
  journal.claim("ana on jump1", "resume").wait(200);
  journal.write({ is: "asked", step: "pg1 away", code: "SW2104", question: "move the primary now?" }).wait(3_100);
  journal.write({ is: "answered", step: "pg1 away", answer: "approve", by: "ana", reason: "window open until 03:00" }).wait(15);
  const gap = moveAway(journal);
  end(rejoin(journal));
  const series = probeSeries({ from: t0 - 1_500, to: journal.at + 1_200, perSecond: 20, bucketMs: 250, disturbances: [gap] });
  return {
    run: 13,
    plan: { ...plan, overrides: [{ code: "SW2107", by: "ana", reason: "pg3 lags by 40 MB; the batch job ends at 02:20" }] },
    entries: journal.entries,
    continuity: probeVerdict(series, { probeHolesMs: 0 }),
    systemProof: received,
    nodes: { before, after },
    series,
  };
}

/** Given up in turn 2, while pg2 was being replaced: put back. */
export function abortedRun(): Ingredients {
  const journal = begin(new JournalWriter(t0));
  restart(journal, "pg3");
  journal.act("pg2 stop", 240).act("pg2 backup", 420).begin("pg2 swap").wait(900);
  journal.write({ is: "aborting", turn: "2", finish: false, by: "ben", reason: "replication lag alarm on the reporting side" }).wait(20);
  journal.act("undo pg2 swap/swap back", 280).act("undo pg2 stop/start", 410).act("undo archive/restore", 25);
  journal.write({ is: "undone", step: "archive" }).wait(70).write({ is: "finished", as: "aborted" });
  const series = probeSeries({ from: t0 - 1_500, to: journal.at + 1_200, perSecond: 200, bucketMs: 50, disturbances: [] });
  const mixed = before.map((node) => (node.name === "pg3" ? { ...node, version: "17.10", installed: "17.10" } : node));
  return {
    run: 14,
    plan,
    entries: journal.entries,
    continuity: probeVerdict(series, { windows: 2, windowsMeasured: 2 }),
    systemProof: { coverage: null, objects: [], violations: [] },
    nodes: { before, after: mixed },
    series,
  };
}

/** The switchover took far too long, acknowledged records are gone, and a lease is left. */
export function failedRun(): Ingredients {
  const journal = begin(new JournalWriter(t0));
  restart(journal, "pg3");
  restart(journal, "pg2");
  journal.expand("pg1 away", switchover).wait(6);
  const from = journal.at;
  journal.act("pg1 away/0.stop", 150).met("pg1 away/0.received", 25).act("pg1 away/0.promote", 4_170);
  const gap: Disturbance = { from, to: journal.at, does: "gap" };
  journal.act("pg1 away/0.repoint pg3", 80).done("pg1 away").met("pg1 stop", 4);
  rejoin(journal).write({ is: "finished", as: "succeeded" });
  const series = probeSeries({ from: t0 - 1_500, to: journal.at + 1_200, perSecond: 200, bucketMs: 50, disturbances: [gap] });
  return {
    run: 15,
    plan,
    entries: journal.entries,
    continuity: probeVerdict(series, { verdict: "fail", why: ["14 acknowledged records are gone"], lost: 14, duplicated: 1, replicaOnly: 3 }),
    systemProof: { ...received, violations: [{ object: "pg2", what: "received 0/6AFF0C0, behind pg1's shutdown position 0/6B00128" }] },
    nodes: { before, after },
    series,
  };
}

/** No probe, and the names try to break out of whatever they are put into. */
export function unmeasuredRun(): Ingredients {
  const journal = begin(new JournalWriter(t0));
  restart(journal, "pg3");
  restart(journal, "pg2");
  moveAway(journal);
  end(rejoin(journal));
  return {
    run: 16,
    plan: { ...plan, cluster: `orders</title><script>alert("x")</script>`, createdBy: "ana | *jump1* & co" },
    entries: journal.entries,
    continuity: null,
    systemProof: { coverage: null, objects: [], violations: [] },
    nodes: { before, after },
    series: [],
  };
}

export const runs = { normal: normalRun, crashed: crashedRun, aborted: abortedRun, failed: failedRun, unmeasured: unmeasuredRun } as const;
