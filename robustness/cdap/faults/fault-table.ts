// What goes wrong with this system, what the ending must be, and which check plays it (facts 0 and 9; faults and bad input of the issue).
import type { FaultRow } from "../../harness/play-fault-table.ts";
import type { FaultKind } from "../seeds/faults.ts";

const CHECKS = "src/drivers/cdap/checks/checks.test.ts";
const INSPECT = "src/drivers/cdap/inspect.test.ts";
const CLIENT = "src/drivers/cdap/wire/client.test.ts";
const DRAIN = "src/drivers/cdap/drain.integration.test.ts";
const PROGRAMS = "src/drivers/cdap/programs.integration.test.ts";
const BATCH = "lab/cdap/logic/programs/batch.test.ts";
const BACKUP = "src/drivers/cdap/backup/backup.integration.test.ts";
const SECURE_KEYS = "src/drivers/cdap/backup/secure-keys.integration.test.ts";
const RESTORE = "src/drivers/cdap/checks/restore.test.ts";
const WAY_BACK = "src/drivers/cdap/way-back.integration.test.ts";
const PLATFORM = "src/drivers/cdap/operations/platform.integration.test.ts";
const CHECKPOINTS = "src/drivers/cdap/operations/copy-checkpoints.integration.test.ts";
const REFUSALS = "src/drivers/cdap/operations/refusals.integration.test.ts";

export const faultTable: readonly FaultRow<FaultKind>[] = [
  // Faults on the way.
  { fault: "Stillwater is killed", ending: "a resume comes to the same end, nothing started twice", played: { seeds: "killed, watchdog" } },
  { fault: "Stillwater is killed and no watchdog is there", ending: "the same", played: { seeds: "killed, nobody there" } },
  { fault: "answers to effects are lost", ending: "looked for by run records and artefacts: no second effect", played: { seeds: "reply lost" } },
  { fault: "requests never arrive", ending: "the same end", played: { seeds: "request lost" } },
  { fault: "requests arrive late", ending: "the same end", played: { seeds: "request late" } },
  { fault: "the token expires half-way (401)", ending: "asked for again, once", played: { seeds: "token over" } },
  { fault: "503 while something starts", ending: "asked again, with a deadline", played: { seeds: "503 for a while" } },
  { fault: "a service says NOTOK", ending: "waited for before anything is resumed", played: { seeds: "a service NOTOK" } },
  { fault: "appfabric restarts", ending: "the same end", played: { seeds: "appfabric restarted" } },
  {
    fault: "the bulk upgrade's chunked answer is cut",
    ending: "each application read again, none upgraded twice",
    played: { seeds: "bulk answer cut" },
  },
  {
    fault: "a trigger fires during the drain",
    ending: "what it started joins the ledger, and runs again with the rest",
    played: { seeds: "trigger switched on" },
  },
  { fault: "somebody starts a program meanwhile", ending: "drained, and never started beside another one", played: { seeds: "started by somebody" } },
  { fault: "a run stuck in STOPPING", ending: "STUCK after every deadline of the server; a person decides", played: { seeds: "controller lost" } },
  { fault: "a stubborn program", ending: "waited for until the server's own budget ends it", played: { seeds: "stubborn program" } },
  { fault: "too many launches (429)", ending: "started later, each once", played: { seeds: "too many launches" } },
  // Bad input and bad answers.
  {
    fault: "a batch with one missing application: the whole call is 404, and what came before it is stopped",
    ending: "not used: each run is stopped by its id, and the missing one is an answer of its own",
    played: { file: PROGRAMS, title: ["several programs of different applications and types in one call", "not there"] },
  },
  {
    fault: "the same, as the server has it",
    ending: "shown by the lab",
    played: { file: BATCH, title: ["fails the whole call, what came before it is stopped all the same"] },
  },
  {
    fault: "an artefact that vanished",
    ending: "refused, without an override",
    played: { file: CHECKS, title: ["whose artefact has vanished are refused"] },
  },
  {
    fault: "a backup zip with a wrong digest",
    ending: "no backup, so nothing is changed",
    played: { file: BACKUP, title: ["an export whose digest is wrong is no backup"] },
  },
  {
    fault: "a backup that was changed since",
    ending: "found before anything is put back",
    played: { file: BACKUP, title: ["a file that was changed since is found"] },
  },
  {
    fault: "errors as JSON, as JSON strings and as text",
    ending: "decided by status, told in plain words",
    played: { file: CLIENT, title: ["in plain words whatever their form"] },
  },
  {
    fault: "an unknown server version",
    ending: "refused unless accepted by name",
    played: { file: CHECKS, title: ["of an unknown version is refused unless accepted by name"] },
  },
  { fault: "nobody listens", ending: "a fact: CDAP is down", played: { file: INSPECT, title: ["that nobody listens is a fact"] } },
  { fault: "503 for ever", ending: "no answer, in the router's words", played: { file: INSPECT, title: ["503 for ever is no answer"] } },
  {
    fault: "a run of an older version, which /status and the stop of a program do not see",
    ending: "found by its record, stopped by its id",
    played: { file: DRAIN, title: ["runs of older versions are found and stopped by their ids"] },
  },
  {
    fault: "a schedule that cannot be disabled",
    ending: "told in the server's words, and nothing is drained before",
    played: { file: REFUSALS, title: ["a schedule that cannot be disabled"] },
  },
  // The platform's own replacement, which others do.
  {
    fault: "the command that replaces CDAP fails",
    ending: "told how; once more only when a person resumes",
    played: { file: PLATFORM, title: ["by a command that fails: it stands still and says how"] },
  },
  {
    fault: "it fails, and the former version is there",
    ending: "an abort starts what was stopped",
    played: { file: PLATFORM, title: ["with the former version still there: what was stopped runs again on it"] },
  },
  {
    fault: "the new version answers while the command still works",
    ending: "nothing is started before it has ended",
    played: { file: PLATFORM, title: ["the new version may answer before it has ended"] },
  },
  {
    fault: "Stillwater is killed right after it patched the resource of Kubernetes",
    ending: "the resume finds it",
    played: { file: PLATFORM, title: ["Stillwater killed right after the patch"] },
  },
  {
    fault: "the operator of Kubernetes fails before the update",
    ending: "stands still until the former image was set, then patched again",
    played: { file: PLATFORM, title: ["whose job before the update fails"] },
  },
  {
    fault: "the operator of Kubernetes fails after the update",
    ending: "a person is told, nothing is started on it",
    played: { file: PLATFORM, title: ["whose job after the update fails"] },
  },
  {
    fault: "the copy of a checkpoint fails",
    ending: "stands still before anything is deployed again",
    played: { file: CHECKPOINTS, title: ["a copy that fails stands still before anything is deployed"] },
  },
  // The way back.
  {
    fault: "an upgrade of applications that nobody wanted",
    ending: "a rollback: artefacts and plug-ins as before, nothing else changed",
    played: { file: WAY_BACK, title: ["applications that were upgraded go back to the artefacts that they had"] },
  },
  {
    fault: "a restore of an application that the backup does not have",
    ending: "refused before, and no success",
    played: { file: WAY_BACK, title: ["an application that the backup does not have is not restored with success"] },
  },
  {
    fault: "a backup of another cluster",
    ending: "refused unless accepted by name",
    played: { file: RESTORE, title: ["one of another cluster is refused unless accepted by name"] },
  },
  {
    fault: "a manifest that was cut off while it was written",
    ending: "no backup",
    played: { file: RESTORE, title: ["one whose manifest was cut off"] },
  },
  {
    fault: "secure keys that are gone",
    ending: "told by name, or put back with the operator's key",
    played: { file: SECURE_KEYS, title: ["with a key they are encrypted, and a restore puts their values back"] },
  },
];
