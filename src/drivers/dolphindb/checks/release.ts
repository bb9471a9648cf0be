// The release that is wanted: may it follow the one that runs, and what does the jump cost (facts 1.7, 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { gates } from "../compatibility/gates.ts";
import type { Assessment, Hop } from "../compatibility/hops.ts";
import { levelMeanings, levelSource, rollingLevel } from "../compatibility/levels.ts";
import { noReturnsOf } from "../compatibility/no-return.ts";
import { generalSource, generalStatement } from "../compatibility/published.ts";
import { compareVersions, parseVersion } from "../compatibility/version.ts";
import type { DdFacts } from "../facts.ts";
import { outageMs } from "../impact.ts";
import { planCommand } from "../planning/command.ts";
import { assessmentOf, levelCode } from "../planning/modes.ts";
import { planOptions } from "../planning/options.ts";
import { blocker, notMeasured, orPassed, passed, seconds, some, warning } from "./check-kit.ts";
import { goesBack, upgrades } from "./scope.ts";
import { viewOf, type View } from "./view.ts";

export function releaseChecks(facts: DdFacts, goal: Goal): readonly Check[] {
  if (goal.version === null) return [];
  const view = viewOf(facts, goal);
  return [
    ...order(view, goal.version),
    ...flavour(view),
    ...versionInside(view),
    ...level(view, goal.version),
    ...noReturn(view, goal.version),
    ...releaseGates(view, goal.version),
  ];
}

function order({ facts, goal, from, nodes }: View, version: string): readonly Check[] {
  if (parseVersion(version) === null)
    return [
      blocker("version-parse", version, "is no version of DolphinDB", {
        remedy: "Write it as MAJOR.MINOR.RELEASE.BUILD, 2.00.8.12; the flavour (JIT, ABI) is the package's.",
      }),
    ];
  if (from === null)
    return [
      blocker("version-order", version, "nobody says which version runs now, so nobody can say whether this one may follow it", {
        remedy: "Let the nodes answer: see nodes-online.",
      }),
    ];
  if (goesBack(goal)) return [passed("version-order", version, `the way back from ${from}: what an earlier run has kept on the hosts`)];
  const younger = nodes.flatMap((name) => {
    const running = facts.now.nodes[name]?.running ?? facts.structure.nodes[name]?.installed ?? null;
    return running !== null && compareVersions(version, running) < 0 ? [`${name} runs ${running}`] : [];
  });
  if (younger.length > 0)
    return [
      blocker("version-order", version, `is older than what runs: ${some(younger)}`, {
        remedy: "To return after an upgrade use `stillwater rollback`: it knows the backups, and whether anything was written since.",
        source: "facts 5.4",
      }),
    ];
  return [passed("version-order", version, `is not older than what runs (${from})`)];
}

/** JIT and ABI must not change, and neither must the architecture (facts 1.4). */
function flavour({ facts, goal, nodes }: View): readonly Check[] {
  if (!upgrades(goal)) return [];
  const options = planOptions(goal);
  const inside = "refused" in options ? null : options.package;
  if (goal.artefact === null || inside === null)
    return [
      notMeasured("flavour", goal.version ?? "", "no package was given, so its flavour and architecture are not known", {
        remedy: "Give it with --artifact.",
      }),
    ];
  const wrong = nodes.flatMap((name): readonly Check[] => {
    const words = facts.now.nodes[name]?.flavour ?? null;
    if (words === null) return [];
    const running = /JIT/i.test(words) ? "JIT" : /ABI/i.test(words) ? "ABI" : "plain";
    const machine = /aarch64|arm/i.test(words) ? "aarch64" : /x86_64|amd64/i.test(words) ? "x86_64" : null;
    const found: Check[] = [];
    if (running !== inside.flavour)
      found.push(
        blocker("flavour", name, `runs the ${running} build (${words}), and the package is the ${inside.flavour} one`, {
          remedy: `Fetch the ${running === "plain" ? "package without a suffix" : `_${running} package`} of ${goal.version ?? ""}: plugins and compiled views fit one flavour only.`,
          source: "facts 1.4, 5.4",
        }),
      );
    if (machine !== null && machine !== inside.architecture)
      found.push(
        blocker("architecture", name, `runs on ${machine}, and the package is for ${inside.architecture}`, {
          remedy: "Fetch the package for that architecture.",
          source: "facts 1.4",
        }),
      );
    return found;
  });
  const silent = nodes.filter((name) => (facts.now.nodes[name]?.flavour ?? null) === null);
  if (wrong.length === 0 && silent.length === nodes.length) {
    const what = `the package is the ${inside.flavour} build for ${inside.architecture}; version() of this release does not say what runs`;
    const remedy = "Compare with the name of the package that was installed. The architecture is compared with the hosts'.";
    const source = "facts 1.4, 1.7";
    // The ordinary build is the usual one; another one is taken only by somebody who says that it is his.
    if (inside.flavour === "plain") return [notMeasured("flavour", goal.version ?? "", what, { remedy, source })];
    return [
      blocker("flavour", goal.version ?? "", what, {
        remedy,
        price: `if what runs is not the ${inside.flavour} build, plugins and compiled views do not fit, and nodes may not start`,
        source,
      }),
    ];
  }
  return orPassed(wrong, "flavour", goal.version ?? "", `the package is the ${inside.flavour} build for ${inside.architecture}, as what runs`);
}

function versionInside({ goal }: View): readonly Check[] {
  const options = planOptions(goal);
  const inside = "refused" in options ? null : options.package;
  if (goal.artefact === null || inside === null) return [];
  if (inside.versionFrom === "inside") return [passed("package-version", goal.artefact.path, `its binary says ${goal.artefact.version}`)];
  return [
    warning("package-version", goal.artefact.path, `only its name says ${goal.artefact.version}: nothing inside does`, {
      remedy: "Compare its checksum with the vendor's. After its start each node says what it is, and the run goes on only with that version.",
    }),
  ];
}

const hopWords = ({ from, to, level: reached, source }: Hop): string =>
  `${from} to ${to}: ${reached === null ? "not published" : `level ${String(reached)} (${source ?? ""})`}`;

function level({ facts, goal, from, hostByHost }: View, version: string): readonly Check[] {
  const assessment = assessmentOf(facts, goal);
  if (assessment === null || assessment.hops.length === 0) return [];
  const object = `${from ?? "?"} to ${version}`;
  const hops = some(assessment.hops.map(hopWords), 8);
  const source = `${levelSource}${assessment.unpublished.length > 0 ? `; ${generalSource}` : ""}`;
  const stated = assessment.stated.map(({ from: before, to, level: reached, source: by }) =>
    warning("compatibility-stated", `${before} to ${to}`, `level ${String(reached)} was stated by ${by ?? "?"}, not published; it is taken as said`, {
      remedy: "Keep what was written to you: the plan names it.",
    }),
  );
  if (!hostByHost) return [...stated, allAtOnce(assessment, object, hops, source)];
  if (assessment.rolling && assessment.level !== null)
    return [
      ...stated,
      passed(
        levelCode,
        object,
        `level ${String(assessment.level)}: host by host is supported; ${hops}; way back: ${levelMeanings[assessment.level].wayBack}`,
        { source },
      ),
    ];
  const downtime = planCommand(goal, { mode: "downtime" });
  const anyway = planCommand(goal, { mode: "zero-downtime", overrides: [levelCode] });
  const ask =
    assessment.unpublished.length > 0
      ? ` Or ask the vendor's support for the level of ${assessment.unpublished.map((hop) => `${hop.from} to ${hop.to}`).join(", ")}: -o level=4 -o level-source="case ...".`
      : "";
  return [
    ...stated,
    blocker(levelCode, object, `${verdictWords(assessment)}; host by host is supported from level ${String(rollingLevel)} on. ${hops}`, {
      remedy: `All at once, about ${seconds(outageMs(facts, goal))} without service: \`${downtime}\`.${ask} Host by host all the same: \`${anyway}\`.`,
      price: priceOf(assessment),
      source,
    }),
  ];
}

function verdictWords({ level: reached, atMost, unpublished }: Assessment): string {
  if (reached !== null) return `the jump has level ${String(reached)}`;
  const bound = atMost === null ? "" : `, and at most level ${String(atMost)} by its other hops`;
  return `${unpublished.length === 1 ? "a hop has" : `${String(unpublished.length)} hops have`} no published level${bound}: ${generalStatement}`;
}

/** What going on below level 4 accepts. */
function priceOf({ level: reached, atMost }: Assessment): string {
  const known = reached ?? atMost;
  const meaning = known === null ? null : levelMeanings[known];
  const mixed =
    "while hosts differ, old and new nodes may not understand each other: queries and writes over both may fail, and an old controller may not read a new leader's Raft log (S01011)";
  if (meaning === null) return `nothing is promised for this hop: ${mixed}; data files, plugins and the way back are as unknown`;
  return `level ${String(known)}${reached === null ? " at best" : ""} accepted: ${mixed}; data: ${meaning.data}; plugins: ${meaning.plugins}; clients: ${meaning.clients}; way back: ${meaning.wayBack}`;
}

function allAtOnce({ level: reached, atMost, unpublished }: Assessment, object: string, hops: string, source: string): Check {
  const known = reached ?? atMost;
  if (known === null)
    return warning(levelCode, object, `no published level; all at once no two releases run together. ${hops}`, {
      remedy: "The newest release reads what older ones wrote, by the vendor's word; for plugins, clients and the way back ask its support.",
      source,
    });
  const meaning = levelMeanings[known];
  const what = `level ${String(known)}${unpublished.length > 0 ? " at best" : ""}; all at once no two releases run together. ${hops}`;
  if (known >= rollingLevel && unpublished.length === 0) return passed(levelCode, object, what, { source });
  return warning(levelCode, object, what, {
    remedy: `Plugins: ${meaning.plugins}. Clients: ${meaning.clients}. Way back: ${meaning.wayBack}.`,
    source,
  });
}

function noReturn({ goal, from }: View, version: string): readonly Check[] {
  if (from === null || !upgrades(goal)) return [];
  const found = noReturnsOf(from, version);
  const source = "facts 1.7";
  if (found.length === 0)
    return [
      passed(
        "point-of-no-return",
        `${from} to ${version}`,
        "the vendor names none for this jump (it does for 2.00.13 and 3.00.1), which promises nothing: see the level's way back",
        { source },
      ),
    ];
  return [
    warning(
      "point-of-no-return",
      `${from} to ${version}`,
      `after any of these ${from} cannot be put back: ${found.map(({ trigger }) => trigger).join("; ")}`,
      {
        remedy: "Keep users from them until you are sure of the new release.",
        source: found[0]?.source ?? source,
      },
    ),
  ];
}

function releaseGates({ facts, goal, from, hostByHost }: View, to: string): readonly Check[] {
  if (from === null || !upgrades(goal) || !(compareVersions(from, to) < 0)) return [];
  const settings = new Map(
    Object.entries(facts.structure.nodes).flatMap(([name, node]) => (node.settings === undefined ? [] : [[name, node.settings] as const])),
  );
  const jump = { from, to, hostByHost, settings };
  return gates.flatMap(({ code, verdict, remedy, price, source, findings }) =>
    findings(jump).map(({ object, what }): Check => ({
      code,
      object,
      verdict,
      what,
      source,
      ...(remedy === "" ? {} : { remedy }),
      ...(price === undefined ? {} : { price }),
    })),
  );
}
