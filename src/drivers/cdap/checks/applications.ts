// What an upgrade of applications meets: artefacts, versions, snapshots, pins (facts 3.1, 3.5). Pure. A finding names at most a few applications: there may be thousands.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import { behavioursOf } from "../matrix/behaviours.ts";
import { parseRange } from "../matrix/version.ts";
import type { PlanOptions } from "../planning/options.ts";
import { blocker, count, passed, some, warning } from "./check-kit.ts";
import { nameOf, selectApps, targetOf, vanishedPins, type SelectedApp, type Target } from "./selection.ts";
import { wayOf } from "./verdicts.ts";

export function applicationChecks(facts: CdapFacts, goal: Goal, options: PlanOptions): readonly Check[] {
  const { apps, missing, ambiguous } = selectApps(facts, options.apps);
  const found: Check[] = [];
  if (missing.length > 0)
    found.push(
      blocker("application", some(missing), "there is no such application", {
        remedy:
          "`stillwater inspect` lists them; one that vanished has been deleted by somebody. A batch with one missing application is refused as a whole.",
        source: "facts 3.2; CD-10",
      }),
    );
  if (ambiguous.length > 0)
    found.push(blocker("application", some(ambiguous), "is in more than one namespace", { remedy: "Name it NAMESPACE.NAME.", source: "CD-11" }));
  if (apps.length === 0) return found;
  const left = new Set(facts.now.pipelines.filter((pipeline) => pipeline.known && wayOf(facts, goal, options, pipeline) === "untouched").map(nameOf));
  const targets = apps.filter((each) => !left.has(nameOf(each))).map((each) => ({ each, target: targetOf(facts, each, goal, options) }));
  found.push(
    ...callChecks(facts),
    ...targetChecks(targets, options),
    ...pinChecks(facts, apps),
    ...postActionChecks(facts, apps),
    ...replicationChecks(facts, apps),
  );
  return found;
}

function callChecks({ structure: { version } }: CdapFacts): readonly Check[] {
  const behaviours = behavioursOf(version);
  if (behaviours === null || behaviours.upgradeCall) return [];
  return [
    blocker("upgrade-call", `CDAP ${version ?? "?"}`, "it has no call that upgrades applications: that came with 6.2", {
      remedy: "Upgrade CDAP first, or use the vendor's UpgradeTool (facts 5.1).",
      source: "facts 5.1",
    }),
  ];
}

type Targeted = { readonly each: SelectedApp; readonly target: Target };
const artefactOf = ({ now: { artifact } }: SelectedApp): string => `${artifact.name} ${artifact.version}`;

function targetChecks(targets: readonly Targeted[], options: PlanOptions): readonly Check[] {
  const found: Check[] = [];
  const groups = Map.groupBy(
    targets,
    ({ each, target }) => `${target.is} ${each.now.artifact.name} ${"version" in target ? target.version : "newest" in target ? target.newest : ""}`,
  );
  for (const [, of] of groups) {
    const [first] = of;
    if (first === undefined) continue;
    const { each, target } = first;
    const names = some(of.map((one) => nameOf(one.each)));
    const from = some([...new Set(of.map((one) => one.each.now.artifact.version))]);
    switch (target.is) {
      case "newer":
        found.push(
          passed(
            "artefact",
            names,
            `${count(of.length, "application")} on ${each.now.artifact.name} ${from}, and ${target.version} (${target.scope}) is there`,
            {
              source: "facts 3.1; CD-17",
            },
          ),
        );
        break;
      case "current":
        found.push(
          passed("artefact", names, `${count(of.length, "application")} on ${artefactOf(each)}, the newest that is there`, {
            source: "CD-17",
          }),
        );
        break;
      case "snapshot":
        found.push(
          warning("snapshot", names, `only the snapshot ${each.now.artifact.name} ${target.version} is newer, and those do not count`, {
            remedy: "`-o allow-snapshot=yes` takes it; a snapshot may be overwritten under the same version.",
            source: "facts 3.1",
          }),
        );
        break;
      case "older":
        found.push(
          blocker("version-order", names, `on ${artefactOf(each)}, and the newest that is there is ${target.newest}: the server refuses with 400`, {
            remedy: "Load the newer artefact (POST /v3/namespaces/system/artifacts), or leave these applications out.",
            source: "facts 3.1",
          }),
        );
        break;
      case "vanished":
        found.push(
          blocker(
            "artefact",
            names,
            `no ${each.now.artifact.name} is there${options.scopes.length === 0 ? "" : ` in scope ${options.scopes.join(", ")}`}: it has vanished`,
            {
              remedy: "Load it again: its jar cannot be had from CDAP (facts 0.9). Or leave these applications out.",
              source: "facts 3.1, 3.5",
            },
          ),
        );
        break;
      case "not newest":
        found.push(
          blocker(
            "version-order",
            names,
            `the upgrade call always takes the newest artefact, ${target.newest}${target.there ? "" : "; the one that is asked for is not there"}`,
            {
              remedy: "`--to latest`; or delete the newer artefact first, so that nobody gets it.",
              source: "facts 3.1",
            },
          ),
        );
        break;
    }
  }
  return found;
}

function pinChecks(facts: CdapFacts, apps: readonly SelectedApp[]): readonly Check[] {
  const gone = apps.flatMap((each) => {
    const pins = vanishedPins(facts, each);
    return pins.length === 0 ? [] : [{ name: nameOf(each), pins }];
  });
  const ranges = apps.flatMap(({ now }) => now.plugins).filter(({ artifact }) => artifact !== null && parseRange(artifact.version) !== null).length;
  if (gone.length === 0)
    return [
      passed(
        "plugin-pins",
        "plug-ins",
        `every exact version that a stage names is there${ranges === 0 ? "" : `; ${count(ranges, "stage")} with a range`}`,
        {
          source: "facts 3.5",
        },
      ),
    ];
  return gone.map(({ name, pins }) =>
    warning("plugin-pins", name, `stages name exact versions that are not there any more: ${some(pins)}`, {
      remedy:
        "The upgrade moves them to the newest; until then the pipeline cannot be deployed again as it is. In a backup, ranges such as [6.8.0,7.0.0) mend it.",
      source: "facts 3.5, 4.3",
    }),
  );
}

function postActionChecks(facts: CdapFacts, apps: readonly SelectedApp[]): readonly Check[] {
  if (behavioursOf(facts.structure.version)?.upgradesPostActions !== false) return [];
  const found = apps.filter(({ now }) => now.plugins.some(({ post }) => post === true)).map(nameOf);
  if (found.length === 0) return [];
  return [
    warning("post-actions", some(found), "plug-ins of post-run actions are not upgraded by this release", {
      remedy: "They stay on their versions; deploy these pipelines by hand, or upgrade CDAP to 6.8.3 first.",
      source: "CDAP-20567",
    }),
  ];
}

function replicationChecks(facts: CdapFacts, apps: readonly SelectedApp[]): readonly Check[] {
  if (behavioursOf(facts.structure.version)?.replicationAsBatch !== false) return [];
  const found = apps.filter(({ now }) => now.artifact.name === "delta-app").map(nameOf);
  if (found.length === 0) return [];
  return [
    blocker("replication", some(found), "before 6.7 a replication job keeps its offsets under a generation id, which an upgrade changes", {
      remedy:
        "Stop it, read its generation id (GET .../workers/DeltaWorker), copy its offset directory, upgrade, start it with the new id; leave it out here.",
      price: "it begins again with a snapshot of its tables, or misses changes",
      source: "facts 4.3",
    }),
  ];
}

/** Several versions of one artefact in use side by side (facts 9). */
export function mixedVersions(facts: CdapFacts): readonly Check[] {
  const used = new Map<string, Set<string>>();
  const use = (name: string, version: string): void => {
    const versions = used.get(name) ?? new Set();
    versions.add(version);
    used.set(name, versions);
  };
  for (const { apps } of Object.values(facts.structure.namespaces))
    for (const { artifact, plugins } of Object.values(apps)) {
      use(artifact.name, artifact.version);
      for (const { artifact: of } of plugins) if (of !== null && parseRange(of.version) === null) use(of.name, of.version);
    }
  const mixed = [...used].filter(([, versions]) => versions.size > 1).map(([name, versions]) => `${name} ${[...versions].toSorted().join(" and ")}`);
  if (mixed.length === 0) return [];
  return [
    warning("mixed-versions", "artefacts", `in use side by side: ${some(mixed)}`, {
      remedy: "They come from upgrades of CDAP alone, or of some applications: `-o apps=all` brings all of them to the newest.",
      source: "facts 9",
    }),
  ];
}
