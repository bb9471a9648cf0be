import { expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import { factsFixture, partitionFixture } from "./testing/facts-fixture.ts";
import type { MoveProof, MovesProof } from "./operations/moving/notes.ts";
import { groundsOfProof, prove, rowsIncreased } from "./prove.ts";

const move = (more: Partial<MoveProof> = {}): MoveProof => ({
  partition: "db.t/0",
  tid: 6,
  pid: 0,
  from: "a:1",
  to: "b:1",
  fence: "partition",
  term: 5,
  began: 121,
  frozen: 120,
  oldLeader: 120,
  candidate: 120,
  lost: 0,
  ...more,
});
const evidence = (proof: Partial<MovesProof>): StepEvidence => ({
  step: "move",
  do: "moveLeaders",
  params: null,
  proof: { moved: [], leftBehind: [], alarms: [], ...proof },
});
const before = factsFixture();
const after = factsFixture([partitionFixture(0, "b:1", "a:1", 130), partitionFixture(1, "b:1", "a:1", 50)]);

test("[OM-3] Every change of leader is proved from term and offsets, and the sentence says what the proof rests on", () => {
  const proof = prove([evidence({ moved: [move()] })], before, after);
  expect(proof.violations).toEqual([]);
  expect(proof.coverage).toBe(
    `1 change of leader on 1 partition: each new leader began right behind the last entry of its old one (term_offset); no offset of 2 partitions went back; ${groundsOfProof}`,
  );
  expect(proof.objects[0]).toEqual({
    object: "db.t/0",
    evidence: "b:1 leads in term 5 from offset 121: a:1 ended at 120, fenced there before the change, b:1 had 120",
  });
});

test.each([
  ["the old leader went on behind its fence", { oldLeader: 123, lost: 3 }, "offsets 121 to 123, 3 entries"],
  ["the new leader began too late", { began: 125 }, "which does not fit: a:1 ended at 120"],
  ["the candidate was behind", { candidate: 110 }, "b:1 was at 110 when it was chosen"],
  ["the fence did not hold", { frozen: 118 }, "was fenced at 118 and went on to 120"],
] as const)("A violation when %s", (_, change, words) => {
  const { violations, coverage } = prove([evidence({ moved: [move(change)] })], before, after);
  expect(violations.map(({ what }) => what).join()).toContain(words);
  expect(coverage).toContain("not every change of leader held");
});

test("[OM-4] Without a fence the loss is measured: partition and offsets", () => {
  const lossy = prove(
    [evidence({ moved: [move({ fence: "none", frozen: null, candidate: 118, oldLeader: 120, began: 119, lost: 2 })] })],
    before,
    after,
  );
  expect(lossy.violations).toEqual([
    {
      object: "db.t/0",
      what: "b:1 leads in term 5 from offset 119, and a:1 ended at 120: offsets 119 to 120, 2 entries acknowledged by a:1 alone, are lost (fence: none)",
    },
  ]);
  expect(lossy.coverage).toContain("1 change without a fence: what was lost is measured, not prevented");
  expect(lossy.coverage).not.toContain(groundsOfProof);
  const unsure = prove([evidence({ moved: [move({ fence: "none", frozen: null, candidate: 118 })] })], before, after);
  expect(unsure.violations).toEqual([]);
  expect(unsure.objects[0]?.evidence).toContain("was 2 behind when it was asked for");
});

test("An offset that went back, or behind an old leader's end, is a violation, whatever the steps say", () => {
  const back = factsFixture([partitionFixture(0, "b:1", "a:1", 119), partitionFixture(1, "b:1", "a:1", 49)]);
  expect(prove([evidence({ moved: [move()] })], before, back).violations).toEqual([
    { object: "db.t/0", what: "its offset went back: it was at least 120, its leader b:1 is at 119" },
    { object: "db.t/1", what: "its offset went back: it was at least 50, its leader b:1 is at 49" },
  ]);
  const leaderless = factsFixture([partitionFixture(0, "b:1", "a:1", 130)].map((each) => ({ ...each, replicas: [] })));
  expect(prove([], before, leaderless).violations[0]?.what).toContain("no leader tells its offset");
  // A table that somebody dropped is named, and no loss of ours.
  expect(prove([], before, leaderless).objects[0]).toEqual({ object: "db.t/1", evidence: "its table was dropped during the run, and not by it" });
});

test("What was left behind, alarms, and rows that a person gave up stand among the violations", () => {
  const left = { partition: "db.t/0", tid: 6, pid: 0, on: "a:1", why: "it ends at offset 130" };
  const accepted: StepEvidence = {
    step: "over",
    do: "recoverOver",
    params: { db: "db", name: "t", tid: 6, pid: 1, endpoint: "b:1", offset: 44, leaderBegan: 44, kept: "h1:/b/rows" },
    proof: null,
  };
  const { violations } = prove([evidence({ leftBehind: [left], alarms: ["db.t/1: dropped"] }), accepted], before, after);
  expect(violations).toEqual([
    { object: "db.t/0", what: "a:1 was the leader and was not recovered: it ends at offset 130" },
    { object: "db.t/1", what: "dropped" },
    {
      object: "db.t/1",
      what: "offset 44 (1 entry) were only on b:1, and are gone from the cluster: accepted by name; the partition's files as they were are in h1:/b/rows",
    },
  ]);
});

test("[OM-20] Rows: increased, not increased although somebody wrote, or no writer seen", () => {
  expect(rowsIncreased(before, after)).toBe("increased: yes (150 before, 180 after)");
  expect(rowsIncreased(before, before)).toBe("no writer seen (150 before, 150 after)");
  const deleted = factsFixture([partitionFixture(0, "b:1", "a:1", 130, 90), partitionFixture(1, "b:1", "a:1", 50)]);
  expect(rowsIncreased(before, deleted)).toContain("increased: no (150 before, 140 after, though 30 entries were written");
});

test("Nothing moved: what is left to prove is said", () => {
  expect(prove([], before, after).coverage).toBe("no leader was moved; no offset of 2 partitions went back");
});
