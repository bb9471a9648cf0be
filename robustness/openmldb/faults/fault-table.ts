// What goes wrong with this system, what the ending must be, and which check plays it: tests of the driver on a lab cluster in memory, or seeds.
import type { FaultRow } from "../../harness/play-fault-table.ts";
import type { FaultKind } from "../seeds/faults.ts";

const FAULTS = "src/drivers/openmldb/faults.integration.test.ts";
const OLD_LEADER = "src/drivers/openmldb/old-leader.integration.test.ts";
const REPLICAS = "src/drivers/openmldb/add-replica.integration.test.ts";
const RESTARTS = "src/drivers/openmldb/restart.integration.test.ts";
const CHECKS = "src/drivers/openmldb/checks/checks.test.ts";
const ARTEFACT = "src/drivers/openmldb/local/artefact.integration.test.ts";

export const faultTable: readonly FaultRow<FaultKind>[] = [
  {
    fault: "the nameserver fails over in the middle of an operation",
    ending: "the run ends well; what its takeover leaves standing is cancelled and asked for again",
    played: { file: FAULTS, title: ["the nameserver", "fails over in the middle"] },
  },
  { fault: "a nameserver is killed in the middle of a leader move", ending: "the same end, nothing lost", played: { seeds: "nameserver killed" } },
  {
    fault: "the leading nameserver loses its ZooKeeper session",
    ending: "the same end, nothing lost",
    played: { seeds: "nameserver session lost" },
  },
  {
    fault: "an answer is lost after its effect, or a request never arrives",
    ending: "no second operation, the same end",
    played: { file: FAULTS, title: ["an answer that is lost after its effect"] },
  },
  {
    fault: "a leader change fails half-way and leaves followers fenced (upstream #2849)",
    ending: "the change is made again, in a term above theirs",
    played: { file: FAULTS, title: ["upstream #2849"] },
  },
  {
    fault: "every leader change fails",
    ending: "the run pauses with the operation's number, nothing stays fenced, abort puts everything back",
    played: { file: FAULTS, title: ["fails every change"] },
  },
  {
    fault: "start inside the session time-out (upstream #2439)",
    ending: "no start before the registration has vanished",
    played: { file: RESTARTS, title: ["a tablet is stopped when its process and its registration are gone"] },
  },
  {
    fault: "a partition with no alive leader",
    ending: "refused by the prechecks, with the partition's name",
    played: { file: CHECKS, title: ["no alive leader"] },
  },
  {
    fault: "somebody else's running operation, before the run",
    ending: "refused by the prechecks, with its id",
    played: { file: CHECKS, title: ["somebody else's operation"] },
  },
  {
    fault: "somebody else's operation, during a leader move",
    ending: "waited for; the same end, nothing lost",
    played: { seeds: "somebody's operation" },
  },
  {
    fault: "skip_grant_tables=false and wrong credentials",
    ending: "named, nothing is planned",
    played: { file: FAULTS, title: ["skip_grant_tables=false", "wrong credentials"] },
  },
  {
    fault: "a tablet that never registers",
    ending: "the run pauses with its endpoint; the next turn has not begun",
    played: { file: FAULTS, title: ["a tablet that never registers"] },
  },
  {
    fault: "a tarball with the wrong release inside",
    ending: "refused before anything is planned",
    played: { file: ARTEFACT, title: ["two that differ are refused"] },
  },
  {
    fault: "too little memory for the extra replica",
    ending: "refused by the prechecks; found later, the run pauses and an abort leaves nothing",
    played: { file: REPLICAS, title: ["too little memory"] },
  },
  {
    fault: "a table created during the run",
    ending: "its leader is moved too",
    played: { file: FAULTS, title: ["tables", "created during the run"] },
  },
  { fault: "a table dropped during the run", ending: "let go", played: { file: FAULTS, title: ["tables", "dropped during the run"] } },
  {
    fault: "an operator starts the vendor's tool during the run",
    ending: "auto_failover is switched off again, leaders end where they were, nothing is lost",
    played: { file: FAULTS, title: ["vendor's"] },
  },
  { fault: "the vendor's recoverdata during a leader move", ending: "the same end, nothing lost", played: { seeds: "vendor's tool" } },
  {
    fault: "Stillwater is killed with a fence on",
    ending: "the watchdog gives the role back within 30 s, a resume ends well",
    played: { file: FAULTS, title: ["with a fence on", "watchdog"] },
  },
  {
    fault: "the old leader's tablet dies while its leaders are moved",
    ending: "loaded again from its disk, replicas recovered, nothing lost",
    played: { seeds: "source tablet killed" },
  },
  {
    fault: "the new leader's tablet dies while leaders are moved to it",
    ending: "the same end, nothing lost",
    played: { seeds: "target tablet killed" },
  },
  {
    fault: "Stillwater is killed while leaders are moved",
    ending: "the watchdog gives leases back, a resume comes to the same end",
    played: { seeds: "killed, watchdog" },
  },
  {
    fault: "Stillwater is killed while leaders are moved, and no watchdog is there",
    ending: "a resume comes to the same end",
    played: { seeds: "killed, nobody there" },
  },
  { fault: "the answer to a step of a leader move is lost", ending: "no second operation, nothing lost", played: { seeds: "reply lost" } },
  { fault: "a step of a leader move never arrives", ending: "the same end, nothing lost", played: { seeds: "request lost" } },
  { fault: "a step of a leader move arrives late", ending: "no second operation, nothing lost", played: { seeds: "request late" } },
  { fault: "a task of a leader move fails", ending: "asked for again, nothing lost", played: { seeds: "failed task" } },
  { fault: "a tablet loses its ZooKeeper session", ending: "waited for; the same end, nothing lost", played: { seeds: "tablet session lost" } },
  { fault: "replication is slow for a while", ending: "no leader moves before offsets are equal", played: { seeds: "slow replication" } },
  {
    fault: "an old leader holds rows that the new one has not",
    ending: "copied, never recovered over without a person's word",
    played: { file: OLD_LEADER, title: ["an old leader with rows of its own", "without a person's word"] },
  },
];
