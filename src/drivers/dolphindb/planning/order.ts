// In which order hosts take their turns. Pure.
import { hostsOf, touchedHosts } from "../checks/scope.ts";
import { restartsFor } from "../settings/scope.ts";
import { goalKind, type Goal } from "../../../model/goal.ts";
import { nodesOn, type DdFacts, type Role } from "../facts.ts";

/** Versions of what is installed and of what runs: a node that was not restarted since its files were replaced is still due. */
function needsVersion(facts: DdFacts, name: string, version: string): boolean {
  const running = facts.now.nodes[name]?.running ?? version;
  return facts.structure.nodes[name]?.installed !== version || running !== version;
}

/** Hosts that must go down for this goal: all nodes of a host share its installation. */
export function dueHosts(facts: DdFacts, goal: Goal): readonly string[] {
  const { version } = goal;
  return touchedHosts(facts, goal).filter((host) => {
    if (version !== null && nodesOn(facts, host).some((name) => needsVersion(facts, name, version))) return true;
    if (restartsFor(facts, goal).some((name) => facts.structure.nodes[name]?.host === host)) return true;
    return goalKind(goal) === "restart" && goal.restart;
  });
}

/**
 * As in the cluster file, the leader's host last: leadership moves only by stopping the leader, so this is one election and not up to three; and entries of
 * the Raft log in a new form are written as late as can be.
 */
export function inOrder(facts: DdFacts, hosts: readonly string[]): readonly string[] {
  const { leader } = facts.now;
  const last = leader === null ? null : facts.structure.nodes[leader]?.host;
  return hostsOf(facts)
    .filter((host) => hosts.includes(host))
    .toSorted((a, b) => Number(a === last) - Number(b === last));
}

export const ofRole = (facts: DdFacts, names: readonly string[], ...roles: readonly Role[]): readonly string[] =>
  names.filter((name) => roles.some((role) => facts.structure.nodes[name]?.role === role));
