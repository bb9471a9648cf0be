// What `verify` compares with the facts that a run began with: work that ran runs again, schedules are as they were, nothing is missing. Pure.
import type { Comparison } from "../../model/driver.ts";
import { count, some } from "./checks/check-kit.ts";
import type { CdapFacts } from "./facts.ts";
import { isContinuous } from "./ledger/run-records.ts";
import { programText } from "./wire/programs.ts";

export const compare = (before: CdapFacts, after: CdapFacts): readonly Comparison[] => [
  applications(before, after),
  programs(before, after),
  schedules(before, after),
];

function applications(before: CdapFacts, after: CdapFacts): Comparison {
  const missing = Object.entries(before.structure.namespaces).flatMap(([ns, { apps }]) =>
    Object.keys(apps).flatMap((app) => (after.structure.namespaces[ns]?.apps[app] === undefined ? [`${ns}.${app}`] : [])),
  );
  const all = Object.values(before.structure.namespaces).reduce((sum, { apps }) => sum + Object.keys(apps).length, 0);
  return {
    object: "applications",
    what: "every one that was there is there",
    verdict: missing.length === 0 ? "passed" : "failed",
    evidence: missing.length === 0 ? count(all, "application") : `missing: ${some(missing)}`,
  };
}

/** Of programs that run until somebody stops them; a batch run may have ended by itself. */
function programs(before: CdapFacts, after: CdapFacts): Comparison {
  const running = ({ now }: CdapFacts): ReadonlyMap<string, number> => {
    const own = now.activeRuns.filter((run) => run.childOf === null && isContinuous(run));
    return new Map([...Map.groupBy(own, programText)].map(([program, runs]) => [program, runs.length]));
  };
  const [was, is] = [running(before), running(after)];
  const wrong = [...was].flatMap(([program, number]) => {
    const now = is.get(program) ?? 0;
    return now === number ? [] : [`${program}: ${String(number)} before, ${String(now)} now`];
  });
  return {
    object: "programs",
    what: "services, workers and real-time pipelines run as often as before",
    verdict: wrong.length === 0 ? "passed" : "failed",
    evidence: wrong.length === 0 ? count(was.size, "program") : some(wrong),
  };
}

function schedules(before: CdapFacts, after: CdapFacts): Comparison {
  const words = ({ now: { schedules: seen } }: CdapFacts): string => `${String(seen.scheduled)} SCHEDULED, ${String(seen.suspended)} SUSPENDED`;
  return {
    object: "schedules",
    what: "as many are SCHEDULED and SUSPENDED as before",
    verdict: words(before) === words(after) ? "passed" : "failed",
    evidence: `${words(before)} before; ${words(after)} now`,
  };
}
