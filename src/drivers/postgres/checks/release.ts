// The release itself, and the settings.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodeNames, nowOf, structureOf, type PgFacts } from "../facts.ts";
import { inScope, settingChanges } from "../planning/scope.ts";
import { compareVersions, parseVersion } from "../version.ts";
import { notMeasured, orPassed, passed, warning } from "./check-kit.ts";

export function releaseChecks(facts: PgFacts, goal: Goal): readonly Check[] {
  return [...versions(facts, goal), ...collations(facts), ...pending(facts, goal), ...settings(facts, goal)];
}

function versions(facts: PgFacts, goal: Goal): readonly Check[] {
  const target = goal.version === null ? null : parseVersion(goal.version);
  if (target === null) return [];
  const found = inScope(facts, goal).flatMap((node): readonly Check[] => {
    const running = parseVersion(nowOf(facts, node).running ?? structureOf(facts, node).installed ?? "");
    if (running === null) return [];
    if (compareVersions(target, running) < 0)
      return [
        warning("downgrade", node, `${running.text} to ${target.text} goes back: the data directory stays readable, fixed defects return`, {
          remedy: "Read the release notes in between for indexes or data that a newer release has mended and an older one damages again.",
        }),
      ];
    if (target.preview !== null) return [warning("preview", node, `${target.text} is no release: its format may change without notice`)];
    return [passed("minor-release", node, `${running.text} to ${target.text}: same major release, same format of the data directory`)];
  });
  return [
    ...found,
    notMeasured(
      "release-notes",
      goal.version ?? "",
      "some minor releases need a step of their own afterwards (REINDEX, ALTER EXTENSION UPDATE); the notes are not read by Stillwater",
      {
        remedy: `Read "Migration to Version" of every release up to ${target.text}.`,
        source: "https://www.postgresql.org/docs/release/",
      },
    ),
  ];
}

function collations(facts: PgFacts): readonly Check[] {
  const found = nodeNames(facts).flatMap((node) =>
    nowOf(facts, node).collations.map((each) =>
      warning(
        "collation",
        node,
        `${each.object} was built with collation version ${each.recorded}, the system has ${each.actual}: indexes on text may be corrupt`,
        {
          remedy:
            "Reindex what depends on it, then ALTER DATABASE ... REFRESH COLLATION VERSION. Not caused by a minor release, but by the system's libraries.",
        },
      ),
    ),
  );
  return orPassed(found, "collation", "cluster", "collation versions are those that the data was built with");
}

function pending(facts: PgFacts, goal: Goal): readonly Check[] {
  const planned = new Set(settingChanges(facts, goal).map(({ name }) => name));
  return nodeNames(facts).flatMap((node) =>
    nowOf(facts, node)
      .pendingRestart.filter((name) => !planned.has(name))
      .map((name) =>
        warning("pending-restart", node, `${name} in its files waits for a restart: a restart of this run would take it`, {
          remedy: "See pg_file_settings; take it back if it is not wanted.",
        }),
      ),
  );
}

function settings(facts: PgFacts, goal: Goal): readonly Check[] {
  return settingChanges(facts, goal).map(({ name, entry, wanted, restart, direction }) => {
    const shown = wanted ?? "its value without the entry";
    const how = restart ? "needs a restart" : entry[0].includes("backend") ? "reload, new sessions only" : "a reload is enough";
    const order =
      direction === "lowered"
        ? "; lowered: the primary before its standbys"
        : direction === "raised"
          ? "; raised: the standbys before their primary"
          : "";
    return passed("setting", name, `${shown} (context ${entry[0]}: ${how}${order})`);
  });
}
