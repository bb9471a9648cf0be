// Is the platform in a state to be upgraded, and to that version?
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { applicationServes, nodesOf, type DpFacts } from "../facts.ts";
import { versionsOf } from "../eligibility.ts";
import { compareVersions, parseVersion } from "../version.ts";
import { blocker, notMeasured, passed, warning } from "./check-kit.ts";

export const platformChecks = (facts: DpFacts, goal: Goal): readonly Check[] => [
  ...applicationCheck(facts),
  ...logonCheck(facts),
  ...otherNodes(facts),
  ...releaseCheck(facts, goal),
];

function applicationCheck(facts: DpFacts): readonly Check[] {
  const [name = "application"] = nodesOf(facts, "application");
  if (!applicationServes(facts))
    return [
      blocker("application", name, facts.now.why[name] ?? "it does not serve", {
        remedy: "Whoever runs the platform brings it back, or finishes what is under way in Dataphin Manager.",
        source: "facts 1.2",
      }),
    ];
  return [passed("application", name, `it serves, version ${facts.structure.version ?? "not told"}`)];
}

/** Maintenance that has begun already is the only sign of somebody else's upgrade that can be seen from outside (facts 1.2). */
function logonCheck({ now }: DpFacts): readonly Check[] {
  switch (now.console) {
    case "accessible":
      return [passed("maintenance", "logon page", "users can log on: no maintenance is under way")];
    case "maintenance":
      return [
        blocker("maintenance", "logon page", "it says that maintenance is under way: somebody has begun an upgrade, or has not ended one", {
          remedy: "In Dataphin Manager, Upgrade Records: wait until that upgrade has ended, or force-stop it; then plan again.",
          source: "facts 1.2: no configuration or upgrade in progress",
        }),
      ];
    case "stopped":
      return [
        blocker("maintenance", "logon page", "nothing listens where users log on", { remedy: "Bring it back, or mend `logon` of the application." }),
      ];
    case "unreachable":
      return [
        notMeasured("maintenance", "logon page", "it does not answer: whether maintenance is under way is not known", {
          remedy: "Check `logon` of the application in the cluster file.",
        }),
      ];
  }
}

function otherNodes(facts: DpFacts): readonly Check[] {
  return (["manager", "gateway", "realtime"] as const).flatMap((role): readonly Check[] => {
    const names = nodesOf(facts, role);
    if (names.length === 0) {
      const what: Readonly<Record<typeof role, string>> = {
        manager: "Dataphin Manager is not named: whether it can be reached is not known before it is needed",
        gateway: "DataService is not named: calls of APIs are not watched, and the rows about them are not measured",
        realtime: "the real-time runtime is not named: real-time instances are not watched, and the rows about them are not measured",
      };
      return [notMeasured("nodes", role, what[role], { remedy: `Add a node of role ${role} to the cluster file.` })];
    }
    return names.map((name) => {
      if (facts.now.states[name] === "serving") return passed("nodes", name, "it answers");
      const what = facts.now.why[name] ?? "it does not serve";
      return role === "manager"
        ? blocker("nodes", name, what, { remedy: "Without Dataphin Manager nobody can upgrade: bring it back.", source: "facts 1.1" })
        : warning("nodes", name, what, { remedy: "What depends on it does not work now already." });
    });
  });
}

function releaseCheck(facts: DpFacts, goal: Goal): readonly Check[] {
  if (goal.version === null) return [];
  if (parseVersion(goal.version) === null)
    return [blocker("release", goal.version, "it is no version of Dataphin", { remedy: "Give it as Dataphin Manager lists it: V5.1.2.02." })];
  const versions = versionsOf(facts, goal);
  if (versions === null)
    return [
      notMeasured("release", "application", "the version that runs is not known: semi-downtime and zero-downtime cannot be judged", {
        remedy: "Releases before 6.0 do not tell it: say it under options.declared.version, with its source.",
        source: "facts 3.1",
      }),
    ];
  if (compareVersions(versions.current, versions.target) > 0)
    return [
      blocker("release", goal.version, `it is older than ${facts.structure.version ?? ""}: the vendor describes no downgrade`, {
        remedy: "The way back from an upgrade is the database backup and the former images, with the vendor.",
        source: "facts 1.3",
      }),
    ];
  return [passed("release", goal.version, `${facts.structure.version ?? ""} to ${goal.version}`)];
}
