// Asynchronous replication to or from another cluster (facts 5.4): what is queued waits for the upgrade, and a failed task stands in the way of all behind it.
import type { Check } from "../../../model/facts.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import { integerOf } from "../wire/read-value.ts";
import * as scripts from "../wire/scripts.ts";
import { asked, unanswered } from "./ask.ts";
import { count, passed, warning } from "./check-kit.ts";

const code = "replication";
const source = "facts 5.4; vendor's pages on getMasterReplicationStatus() and getSlaveReplicationStatus()";
const timeoutMs = 30_000;

const questions = [
  { script: scripts.queuedForSlaves, what: "queued for other clusters" },
  { script: scripts.queuedFromMaster, what: "taken from the master cluster and not done" },
  { script: scripts.failedFromMaster, what: "FAILED: what comes behind them in the queue does not go on" },
] as const;

export async function replicationChecks(cluster: DdCluster, facts: DdFacts): Promise<readonly Check[]> {
  const { leader } = facts.now;
  if (leader === null) return [];
  const found: Check[] = [];
  let answered = 0;
  for (const { script, what } of questions) {
    const answer = await asked(async () => integerOf(leader, "tasks of replication", await cluster.rpc.script(leader, script, timeoutMs)));
    if (answer.is === "answer") {
      answered += 1;
      if (answer.value > 0)
        found.push(
          warning(code, leader, `${count(answer.value, "task")} of asynchronous replication ${what}`, {
            remedy:
              "Nothing is lost by the upgrade, but it is not at the other side either: let the queue run empty first, or tell those who read there.",
            source,
          }),
        );
      continue;
    }
    // There since 2.00.9; a cluster without it, or of the other side, refuses the question in words.
    if (
      answer.is === "unknown-function" ||
      (answer.is === "refused" && /replication is not enabled|not .*(master|slave)|only .*(master|slave)/i.test(answer.why))
    )
      continue;
    return [unanswered(code, leader, "whether asynchronous replication has a backlog could not be asked", answer)];
  }
  if (found.length > 0) return found;
  return [passed(code, leader, answered === 0 ? "replicates to no other cluster and from none" : "no task of replication is queued", { source })];
}
