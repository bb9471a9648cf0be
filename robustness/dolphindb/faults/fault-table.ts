// What goes wrong with this system, what the ending must be, and which check plays it (facts 5.3 and 7; bad input of the issue).
import type { FaultRow } from "../../harness/play-fault-table.ts";
import type { FaultKind } from "../seeds/faults.ts";

const HARMS = "robustness/dolphindb/harms/harms.integration.test.ts";
const CHECKS = "src/drivers/dolphindb/checks/checks.test.ts";
const EXAMINE = "src/drivers/dolphindb/checks/examine.test.ts";
const RELEASE = "src/drivers/dolphindb/checks/release.test.ts";
const PRECHECKS = "src/drivers/dolphindb/checks/prechecks.integration.test.ts";
const CANNOT_START = "src/drivers/dolphindb/cannot-start.integration.test.ts";
const RUN = "src/drivers/dolphindb/run.integration.test.ts";
const VERDICT = "src/drivers/dolphindb/continuity/verdict.integration.test.ts";
const INSPECT = "src/drivers/dolphindb/inspect.test.ts";
const ON_LAB = "src/drivers/dolphindb/inspect.integration.test.ts";
const GATE = "src/drivers/dolphindb/operations/chunks-stable.test.ts";

export const faultTable: readonly FaultRow<FaultKind>[] = [
  // The harms that the lab must show, and their absence with ours.
  {
    fault: "harm: with the tutorial's gate alone a second host goes down while a chunk has one replica",
    ending: "shown with the tutorial's procedure",
    played: { file: HARMS, title: ["a second host goes down while a chunk has one replica"] },
  },
  {
    fault: "the same cluster with ours",
    ending: "the next host waits until every chunk has every replica; nobody is refused a read",
    played: { file: HARMS, title: ["the next host waits for every replica"] },
  },
  {
    fault: "harm: dfsRecoveryWaitTime=30000 and a slow host",
    ending: "shown with the tutorial's procedure: the chunks of the host are copied to others",
    played: { file: HARMS, title: ["it counts as a minute"] },
  },
  {
    fault: "the same slow host with ours",
    ending: "nothing is copied",
    played: { file: HARMS, title: ["recovery is suspended on every controller"] },
  },
  {
    fault: "harm: upgrade.sh succeeds with the old binary in place",
    ending: "shown with the tutorial's procedure: exit code 0, every node runs the old release",
    played: { file: HARMS, title: ["it ends with 0, and every node runs the old release"] },
  },
  {
    fault: "the same release with ours",
    ending: "every file compared, every node asked",
    played: { file: HARMS, title: ["every node is asked, and says the new one"] },
  },
  // Faults on the way.
  {
    fault: "Stillwater is killed",
    ending: "the watchdog puts leases back, a resume comes to the same end",
    played: { seeds: "killed, watchdog" },
  },
  {
    fault: "Stillwater is killed and nobody puts leases back",
    ending: "a resume comes to the same end",
    played: { seeds: "killed, nobody there" },
  },
  { fault: "the answer to an effect is lost", ending: "no second effect, the same end", played: { seeds: "reply lost" } },
  { fault: "requests never arrive", ending: "the same end", played: { seeds: "request lost" } },
  { fault: "requests arrive late", ending: "the same end", played: { seeds: "request late" } },
  {
    fault: "the leading controller is killed",
    ending: "another one leads; what a restarted controller forgot is set again",
    played: { seeds: "leading controller killed" },
  },
  {
    fault: "a following controller is killed",
    ending: "no turn begins without a majority to spare; what it forgot is set again",
    played: { seeds: "following controller killed" },
  },
  {
    fault: "a data node of another host is lost while one is down",
    ending: "waited for; where nothing heals a chunk by itself a person is asked, with its facts; nothing is lost",
    played: { seeds: "data node of another host killed" },
  },
  { fault: "kill -9 of a data node: redo replay at its start", ending: "waited for", played: { seeds: "data node of this host killed" } },
  { fault: "the agent of the host is killed", ending: "named; goes on when it is back", played: { seeds: "agent of this host killed" } },
  { fault: "the link between two hosts is cut for a while", ending: "the same end, nothing lost", played: { seeds: "link cut" } },
  { fault: "a full disk", ending: "paused with its name before anything is half-done; goes on when there is room", played: { seeds: "disk full" } },
  { fault: "a slow start", ending: "waited for: green is not initialised", played: { seeds: "slow start" } },
  { fault: "slow recovery", ending: "waited for: the next host does not go down", played: { seeds: "slow recovery" } },
  { fault: "a controller that does not exit", ending: "paused, never killed by Stillwater", played: { seeds: "controller does not exit" } },
  { fault: "a node that is green and has not reported its chunks", ending: "waited for", played: { seeds: "chunks not reported" } },
  { fault: "recovery tasks that abort", ending: "a person is asked, with the chunk's facts", played: { seeds: "recovery fails" } },
  {
    fault: "somebody resumes recovery and sets the restart interval in the web page",
    ending: "set again, and put back at the end",
    played: { seeds: "somebody's tool" },
  },
  {
    fault: "a plug-in of another version: data nodes end at their start",
    ending: "named with its log after three starts, never more than one host; goes on when the right one is there",
    played: { seeds: "plugin of another version" },
  },
  {
    fault: "the operator aborts at any step, then rolls back",
    ending: "the open turn is put back, finished hosts stay until the rollback; nothing is lost, every node has its former release",
    played: { seeds: "operator aborts" },
  },
  // What keeps a node of the upgraded host from starting.
  {
    fault: "a Raft log that is damaged when its controller starts again",
    ending: "named with its log after three starts, no other host goes down; its files are set aside, and it takes everything from the leader",
    played: { file: CANNOT_START, title: ["a damaged Raft log"] },
  },
  {
    fault: "a port that is still bound",
    ending: "named with its error code; goes on when it is free",
    played: { file: CANNOT_START, title: ["a port that is still bound"] },
  },
  {
    fault: "a licence that expires in the middle: what runs goes on, and nothing starts",
    ending: "named with the server's words; goes on with the right one",
    played: { file: CANNOT_START, title: ["a licence that has expired meanwhile"] },
  },
  {
    fault: "a scheduled job that the new release cannot read",
    ending: "named with the server's words; goes on when it can",
    played: { file: CANNOT_START, title: ["a scheduled job that cannot be read"] },
  },
  {
    fault: "a first line of a configuration file that is empty when its controller starts again",
    ending: "named with the server's words; goes on when it is mended",
    played: { file: RUN, title: ["a controller that cannot start"] },
  },
  // Who starts a node that was stopped.
  {
    fault: "datanodeRestartInterval of 30 s, which before 2.00.9.4 starts even what was stopped by order",
    ending: "0 on every controller for the run, every node started once, 30 again at the end",
    played: { file: RUN, title: ["killed at every boundary of its journal"] },
  },
  {
    fault: "Restart=always in systemd",
    ending: "every node started once, Restart= as it was at the end",
    played: { file: RUN, title: ["units of systemd do not bring a node back"] },
  },
  {
    fault: "a unit of systemd that the cluster file does not name",
    ending: "a person is asked before anything is stopped",
    played: { file: RUN, title: ["a unit that the cluster file does not name"] },
  },
  // What clients, and the check of continuity, meet.
  {
    fault: "rows that the server skips without an error (newValuePartitionPolicy=skip)",
    ending: "the verdict fails",
    played: { file: VERDICT, title: ["a row that is skipped without an error fails"] },
  },
  {
    fault: "a write that is stored twice because a client has sent it again after a cut",
    ending: "told, and no failure",
    played: { file: VERDICT, title: ["a row that is sent again is told and is no harm"] },
  },
  {
    fault: "a write that is stored twice though it was sent once",
    ending: "the verdict fails",
    played: { file: VERDICT, title: ["a row that is stored twice though it was sent once"] },
  },
  {
    fault: "a replica that loses an acknowledged row",
    ending: "the verdict fails, with replica and partition",
    played: { file: VERDICT, title: ["a row that a replica loses later"] },
  },
  {
    fault: "tables in memory and scheduled jobs of a node",
    ending: "told before, by name",
    played: { file: CHECKS, title: ["tables in memory and jobs that are due are told"] },
  },
  {
    fault: "batch jobs on a host",
    ending: "waited for, or given up by name",
    played: { file: CHECKS, title: ["are waited for"] },
  },
  {
    fault: "subscriptions that forget how far they were",
    ending: "told before, by name",
    played: { file: EXAMINE, title: ["those that forget how far they were"] },
  },
  {
    fault: "a Raft group of streams with two members",
    ending: "refused",
    played: { file: EXAMINE, title: ["a group of two bears no loss"] },
  },
  // What the cluster is before.
  {
    fault: "the controller of the first host leads",
    ending: "its host goes last: one election",
    played: { file: "src/drivers/dolphindb/planning/plan.test.ts", title: ["the leader's host is the last"] },
  },
  {
    fault: "chunks RECOVERING that nothing heals",
    ending: "a person is asked, with the chunk's facts; no repair is run",
    played: { file: GATE, title: ["chunks that nothing heals"] },
  },
  {
    fault: "somebody has suspended recovery",
    ending: "said that nothing moves and what may hold it",
    played: { file: GATE, title: ["tasks that wait while none is under way"] },
  },
  {
    fault: "more replicas than the factor, left by an earlier storm",
    ending: "told, and no obstacle",
    played: { file: CHECKS, title: ["more replicas than the factor"] },
  },
  {
    fault: "aborted recovery tasks, which the next leader does not know of",
    ending: "told while they are known, and the chunk is counted all the same",
    played: { file: ON_LAB, title: ["a copy that was given up is told"] },
  },
  {
    fault: "functions that an old release does not have",
    ending: "not asked for, and what they would tell is unknown, not well",
    played: { file: ON_LAB, title: ["a release before 2.00.8 is not asked what it does not know"] },
  },
  {
    fault: "two lines of releases at once: what a new leader writes cannot be read by an old follower",
    ending: "refused host by host",
    played: { file: RELEASE, title: ["two lines are refused host by host"] },
  },
  {
    fault: "3.00.5 with a cache engine above half of the memory",
    ending: "refused, and no override helps",
    played: { file: RELEASE, title: ["a cache engine above half of the memory keeps the node from starting"] },
  },
  // Bad input.
  { fault: "RF=3 on three nodes", ending: "refused", played: { file: CHECKS, title: ["three replicas on three data nodes"] } },
  { fault: "two controllers on one host", ending: "refused", played: { file: CHECKS, title: ["two controllers on one host"] } },
  { fault: "all replicas of a chunk on one host", ending: "refused for that host", played: { file: CHECKS, title: ["all replicas on one host"] } },
  { fault: "a licence that caps below the target", ending: "refused", played: { file: EXAMINE, title: ["it caps below the target"] } },
  {
    fault: "plugins of another version",
    ending: "refused where they are used",
    played: { file: EXAMINE, title: ["one that is used and does not fit is refused"] },
  },
  {
    fault: "an empty first line in cluster.nodes",
    ending: "refused, with its name",
    played: { file: EXAMINE, title: ["an empty first line in cluster.nodes"] },
  },
  {
    fault: "an agent file without all controllers",
    ending: "refused, with its name",
    played: { file: EXAMINE, title: ["an agent file without all controllers"] },
  },
  {
    fault: "a package of another flavour (JIT, ABI) or architecture",
    ending: "refused",
    played: { file: PRECHECKS, title: ["a package of another flavour or architecture"] },
  },
  { fault: "an expired licence", ending: "refused: nothing starts again", played: { file: EXAMINE, title: ["an expired one runs on"] } },
  {
    fault: "a plugin in preloadModules that is not there",
    ending: "refused",
    played: { file: EXAMINE, title: ["preloaded and missing"] },
  },
  {
    fault: "a wrong password, and an address that answers but is not DolphinDB",
    ending: "an error of its own each, never an empty answer",
    played: { file: INSPECT, title: ["another server on the port, a wrong password"] },
  },
  { fault: "a version older than the running one", ending: "refused", played: { file: RELEASE, title: ["older than what runs"] } },
];
