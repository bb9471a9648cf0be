// What goes wrong with this system, what the ending must be, and which check plays it (facts 5.3 and 7; bad input of the issue).
import type { FaultRow } from "../../harness/play-fault-table.ts";
import type { FaultKind } from "../seeds/faults.ts";

const HARMS = "robustness/dolphindb/harms/harms.integration.test.ts";
const CHECKS = "src/drivers/dolphindb/checks/checks.test.ts";
const EXAMINE = "src/drivers/dolphindb/checks/examine.test.ts";
const RELEASE = "src/drivers/dolphindb/checks/release.test.ts";

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
  { fault: "a version older than the running one", ending: "refused", played: { file: RELEASE, title: ["older than what runs"] } },
];
