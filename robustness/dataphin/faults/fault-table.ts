// What goes wrong with this system, what the ending must be, and which check plays it: the fifteen cases of facts 5.4, by their numbers, and the faults and bad
// input of the issue.
import type { FaultRow } from "../../harness/play-fault-table.ts";
import type { FaultKind } from "../seeds/faults.ts";

const RUN = "src/drivers/dataphin/run.integration.test.ts";
const FAULTS = "src/drivers/dataphin/faults.integration.test.ts";
const CHECKS = "src/drivers/dataphin/checks/checks.test.ts";
const EXAMINE = "src/drivers/dataphin/checks/examine.test.ts";
const PLAN = "src/drivers/dataphin/planning/plan.test.ts";
const ELIGIBILITY = "src/drivers/dataphin/eligibility.test.ts";
const SIGNED = "src/drivers/dataphin/wire/signed.integration.test.ts";
const FORCED = "src/usecases/end-run.test.ts";
const LAB_MANAGER = "lab/dataphin/memory/manager.test.ts";
const LAB_SEMI = "lab/dataphin/memory/semi-downtime.test.ts";
const LAB_DOWNTIME = "lab/dataphin/memory/downtime.test.ts";

export const faultTable: readonly FaultRow<FaultKind>[] = [
  // 1: the manager crashes in each step; the vendor's and ours.
  {
    fault: "1 Dataphin Manager is killed in each step",
    ending: "the command is run once more when a person says so",
    played: { seeds: "Manager killed" },
  },
  {
    fault: "1 the same, as the vendor's own Manager goes on",
    ending: "shown by the lab: the same step again, no second kill or re-run",
    played: { file: LAB_MANAGER, title: ["it goes on there, and every ended instance runs again once"] },
  },
  {
    fault: "1 Stillwater is killed in each step",
    ending: "a resume comes to the same end, each instance run again once",
    played: { seeds: "killed" },
  },
  { fault: "1 Stillwater is killed and no watchdog is there", ending: "the same", played: { seeds: "killed, nobody there" } },
  {
    fault: "2 an application pod that never becomes ready",
    ending: "the step holds with the Manager's words; a person has it done again, or aborts",
    played: { file: FAULTS, title: ["a pod that never becomes ready"] },
  },
  {
    fault: "2 the same, by an operator",
    ending: "waited for, whatever he answers, with the version that the server tells",
    played: { file: FAULTS, title: ["by an operator: an application that does not answer as the target"] },
  },
  {
    fault: "3 the backup fails on a full disk, semi-downtime",
    ending: "nothing has been changed; an abort leaves maintenance, dispatch goes on",
    played: { file: FAULTS, title: ["a database backup that fails", "semi-downtime: nothing has been changed"] },
  },
  {
    fault: "3 the same, downtime",
    ending: "nothing is changed before there is one",
    played: { file: FAULTS, title: ["a database backup that fails", "downtime: nothing is changed before there is one"] },
  },
  {
    fault: "4 the data update fails half-way",
    ending: "shown with its statement, goes on where it was",
    played: { file: FAULTS, title: ["a data update that fails half-way"] },
  },
  {
    fault: "4 the way back from it",
    ending: "shown by the lab: the backup brings the old data back",
    played: { file: LAB_MANAGER, title: ["the backup brings the old data back"] },
  },
  {
    fault: "5 terminated before the shutdown",
    ending: "what was killed runs again once, dispatch works, maintenance is over",
    played: { file: RUN, title: ["terminated before the shutdown: what was killed runs again once"] },
  },
  {
    fault: "5 the same, and whether anything runs again is asked for",
    ending: "approved: each once; skipped: none, and the proof says to whom it was left",
    played: { file: FAULTS, title: ["terminated before the shutdown, the re-runs asked for first"] },
  },
  {
    fault: "5 the operator aborts at each step",
    ending: "before the point of no return the old release, dispatch and maintenance as before; after it the upgrade; each killed instance once",
    played: { seeds: "operator aborts" },
  },
  {
    fault: "6 stopped by force in each stage",
    ending: "maintenance, the gate, pauses and the kill list that are still set are named",
    played: { file: FAULTS, title: ["stopped by force after", "what is still set is named"] },
  },
  {
    fault: "6 marked succeeded or failed",
    ending: "the mark, its reason and what is left are in the journal",
    played: { file: FORCED, title: ["ends where it was, with its mark and what is still set"] },
  },
  {
    fault: "7 a version configuration that is none, or that replaces a known one",
    ending: "shown by the lab: refused with its reason; the record has another digest. Nothing outside the Manager tells",
    played: { file: LAB_MANAGER, title: ["a configuration that is none"] },
  },
  {
    fault: "8 a second upgrade while one is Configuring",
    ending: "refused with the open record, and no name overrides it",
    played: { file: EXAMINE, title: ["another upgrade that is configured or under way blocks"] },
  },
  {
    fault: "9 zero-downtime across the third segment",
    ending: "refused, with the rule",
    played: { file: PLAN, title: ["no plan for a mode that the versions do not allow"] },
  },
  {
    fault: "9 semi-downtime from a release before 5.1.1",
    ending: "not eligible, with the rule",
    played: { file: ELIGIBILITY, title: ["semi-downtime from 5.1.1 on"] },
  },
  {
    fault: "10 an instance that ends between list and terminate",
    ending: "not run again",
    played: { file: RUN, title: ["an instance that finished between list and terminate is not run again"] },
  },
  {
    fault: "11 a killed instance that the platform runs again by itself",
    ending: "one run; in every third seed the platform does so, too",
    played: { file: RUN, title: ["is run again once, and not by us too"] },
  },
  {
    fault: "12 a killed instance that must not run twice unseen",
    ending: "a person is asked before it runs again",
    played: { file: RUN, title: ["nodes that must not run twice unseen: a person is asked"] },
  },
  {
    fault: "13 an executor that is lost while nobody follows it",
    ending: "shown by the lab: found afterwards, failed, its alert comes late",
    played: { file: LAB_SEMI, title: ["an executor that is lost in the gap"] },
  },
  {
    fault: "14 the window goes over 23:00",
    ending: "refused unless accepted by name",
    played: { file: CHECKS, title: ["a window that crosses 23:00 blocks with its price"] },
  },
  {
    fault: "14 the same, when it is accepted",
    ending: "shown by the lab: the next day's instances are late, and complete",
    played: { file: LAB_DOWNTIME, title: ["is late but complete when the window goes over 23:00"] },
  },
  {
    fault: "14 the window goes over midnight",
    ending: "shown by the lab: a grant that ends then goes on until the application is back",
    played: { file: LAB_DOWNTIME, title: ["a grant that ends at midnight goes on"] },
  },
  {
    fault: "15 the OpenAPI is unreachable while the application is down, and Stillwater was killed",
    ending: "what its own journal lists runs again",
    played: { file: FAULTS, title: ["a new process, which the OpenAPI tells nothing"] },
  },
  // What is sent and answered on the way.
  { fault: "requests never arrive", ending: "the same end", played: { seeds: "request lost" } },
  { fault: "answers to effects are lost", ending: "looked for in the system: nothing twice", played: { seeds: "answer lost" } },
  {
    fault: "requests arrive after they were given up",
    ending: "waited for before anything is sent again: nothing twice",
    played: { seeds: "request late" },
  },
  { fault: "nothing of the platform can be reached for a while", ending: "the same end", played: { seeds: "cut off" } },
  // Bad input and bad answers.
  {
    fault: "wrong keys",
    ending: "refused in the vendor's words, with what to check; tried once",
    played: { file: SIGNED, title: ["refuses a wrong key and a wrong secret"] },
  },
  {
    fault: "keys that are changed while a run lasts",
    ending: "read again after they were refused",
    played: { file: SIGNED, title: ["reads keys again once they were refused"] },
  },
  { fault: "an id of 64 bits", ending: "every digit of it is kept", played: { file: SIGNED, title: ["keeps every digit of ids of 64 bits"] } },
  {
    fault: "throttling",
    ending: "waited for, with a deadline, and nothing sent twice",
    played: { file: SIGNED, title: ["waits while it is throttled"] },
  },
];
