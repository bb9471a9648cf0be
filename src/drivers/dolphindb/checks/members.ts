// Whom the controllers know: a node that the cluster file lacks would go down with its host, and nobody would have planned for it.
import type { Check } from "../../../model/facts.ts";
import type { DdCluster } from "../cluster.ts";
import { isBefore } from "../compatibility/version.ts";
import type { DdFacts } from "../facts.ts";
import { rowsOf, textIn, integerIn } from "../wire/read-value.ts";
import { asked, unanswered } from "./ask.ts";
import { blocker, count, orPassed } from "./check-kit.ts";

export async function memberChecks(cluster: DdCluster, facts: DdFacts): Promise<readonly Check[]> {
  const { leader } = facts.now;
  if (leader === null) return [];
  const release = facts.now.nodes[leader]?.running ?? "";
  // Before 2.00.7 there is no argument, and controllers are not listed.
  const args = isBefore(release, "2.00.7") ? [] : [true];
  const answer = await asked(async () =>
    rowsOf(leader, "getClusterPerf()", await cluster.rpc.call(leader, "getClusterPerf", args), ["name", "host", "port"]),
  );
  if (answer.is !== "answer") return [unanswered("members", leader, "which nodes the controller knows could not be asked", answer)];
  const rows = answer.value;
  const strangers = rows.flatMap((row) => {
    const alias = textIn(row, "name") ?? "";
    return cluster.aliased(alias) === null ? [`${alias} (${textIn(row, "host") ?? "?"}:${String(integerIn(row, "port") ?? "?")})`] : [];
  });
  const found = strangers.map((stranger) =>
    blocker(
      "members",
      stranger,
      "is a node of the cluster and not of the cluster file: it would go down with its host, unplanned and without a backup",
      {
        remedy: "Add it to the cluster file, or write that anew: stillwater init dolphindb --controller HOST:PORT.",
        source: "facts 5.4: each node contacted directly",
      },
    ),
  );
  return orPassed(found, "members", leader, `knows ${count(rows.length, "node")}, all of them in the cluster file`);
}
