// What each mode means here, and which of them a goal can have. Pure.
import { modes, type Goal, type Mode, type ModeVerdict } from "../../../model/goal.ts";
import { count, some } from "../checks/check-kit.ts";
import { goesBack, hostsOf, rolesOn, takesDown, touchedHosts, upgrades, versionNow } from "../checks/scope.ts";
import { assess, type Assessment } from "../compatibility/hops.ts";
import { rollingLevel } from "../compatibility/levels.ts";
import { wayBack } from "../rollback.ts";
import { restartsFor } from "../settings/scope.ts";
import { compareVersions } from "../compatibility/version.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import { planCommand } from "./command.ts";
import { planOptions } from "./options.ts";

/** The code under which a jump below the level of rolling upgrades is accepted by name. */
export const levelCode = "compatibility-level";

/**
 * zero-downtime: the vendor's grayscale upgrade, host by host, while the other hosts serve (DD-2). downtime: the vendor's regular one, every node down (DD-1).
 * semi-downtime: there is none.
 */
export function modeVerdicts(facts: DdFacts, goal: Goal): readonly ModeVerdict[] {
  const against = againstHostByHost(facts, goal);
  const hosts = touchedHosts(facts, goal);
  const back = goesBack(goal) ? wayBack(facts, goal) : null;
  return modes.map((mode): ModeVerdict => {
    switch (mode) {
      case "zero-downtime":
        if (back?.is === "cluster") return { mode, eligible: false, why: `only the whole cluster can go back now: ${back.why}` };
        if (against.length > 0)
          return {
            mode,
            eligible: false,
            why: `${some(against)}. All at once instead, while every client waits until the whole cluster is back: \`${planCommand({ ...goal, only: null }, { mode: "downtime" })}\``,
          };
        return {
          mode,
          eligible: true,
          why: `host by host: of ${count(hosts.length, "host")} one at a time is down, the others serve${levelWords(facts, goal)}`,
        };
      case "semi-downtime":
        return {
          mode,
          eligible: false,
          why: "DolphinDB has none: what a host's nodes serve goes on elsewhere as a whole or not at all, and the vendor describes nothing between host by host and everything down",
        };
      case "downtime":
        if (goal.only !== null && hosts.length < hostsOf(facts).length)
          return {
            mode,
            eligible: false,
            why: `the regular upgrade is of the whole cluster, and --only names ${count(hosts.length, "host")} of ${String(hostsOf(facts).length)}`,
          };
        return {
          mode,
          eligible: true,
          why: "every node is stopped, then all are started again: nothing is served meanwhile; needs no compatibility of running releases",
        };
    }
  });
}

/** The mode that a plan gets: the one that is asked for, or the least disruptive one that is eligible. Null: none. */
export function chosenMode(facts: DdFacts, goal: Goal): Mode | null {
  const wanted = goal.mode === "auto" ? modes : [goal.mode];
  const verdicts = modeVerdicts(facts, goal);
  return wanted.find((mode) => verdicts.some((verdict) => verdict.mode === mode && verdict.eligible)) ?? null;
}

/** How the releases that run and that are wanted fit together; null: no upgrade, or nobody knows what runs. */
export function assessmentOf(facts: DdFacts, goal: Goal): Assessment | null {
  const from = versionNow(facts, goal, compareVersions);
  if (!upgrades(goal) || goal.version === null || from === null) return null;
  const options = planOptions(goal);
  return assess(from, goal.version, "refused" in options ? null : options.level);
}

function levelWords(facts: DdFacts, goal: Goal): string {
  const assessment = assessmentOf(facts, goal);
  if (assessment === null || assessment.hops.length === 0) return "";
  if (assessment.rolling) return `; the releases have level ${String(assessment.level)}, which supports it`;
  const level = assessment.level === null ? "no published level" : `level ${String(assessment.level)}`;
  return `; the releases have ${level}, and the vendor supports it from level ${String(rollingLevel)} on: only with --override ${levelCode}`;
}

/** What of the cluster's make forbids that one host at a time is down. Empty: nothing does. */
export function againstHostByHost(facts: DdFacts, goal: Goal): readonly string[] {
  const { replicationFactor, reliabilityLevel, haMode } = facts.structure;
  if (!takesDown(goal) && restartsFor(facts, goal).length === 0) return [];
  const controllers = nodesOf(facts, "controller");
  const datanodes = nodesOf(facts, "datanode");
  const found: string[] = [];
  if (haMode !== "Raft") found.push("the cluster is not highly available: dfsHAMode is not Raft (DD-3)");
  else if (controllers.length < 3)
    found.push(`${count(controllers.length, "controller")}: with one down the others have no majority; three are needed`);
  for (const host of touchedHosts(facts, goal)) {
    const going = rolesOn(facts, host, "controller").length;
    if (haMode === "Raft" && controllers.length >= 3 && going > 0 && controllers.length - going <= controllers.length / 2)
      found.push(`${String(going)} of ${count(controllers.length, "controller")} on ${host}: without it the others have no majority`);
    const data = rolesOn(facts, host, "datanode").length;
    if (data === 0 || replicationFactor < 2) continue;
    const left = reliabilityLevel === 1 ? hostsWithData(facts) - 1 : datanodes.length - data;
    const unit = reliabilityLevel === 1 ? "host with data nodes" : "data node";
    if (left < replicationFactor)
      found.push(
        `with ${host} down ${left === 1 ? `1 ${unit} is` : `${String(left)} ${unit.replace(/^(host|data node)/, "$1s")} are`} left for ${String(replicationFactor)} replicas: the controller would refuse every write (facts 0.4)`,
      );
  }
  if (replicationFactor < 2 && datanodes.length > 0) found.push("dfsReplicationFactor is 1: what a data node holds is away while it is down");
  return found;
}
const hostsWithData = (facts: DdFacts): number => hostsOf(facts).filter((host) => rolesOn(facts, host, "datanode").length > 0).length;
