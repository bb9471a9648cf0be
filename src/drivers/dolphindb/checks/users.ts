// What users of the hosts lose or must do themselves (facts 5.3, 5.4): warnings, because the vendor has no way around them. Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import { dueWithin, hostDownMs, outageMs } from "../impact.ts";
import { count, notMeasured, orPassed, some, warning } from "./check-kit.ts";
import { stops } from "./scope.ts";
import { viewOf, type View } from "./view.ts";

export function userChecks(facts: DdFacts, goal: Goal): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const view = viewOf(facts, goal);
  return [...unknown(view), ...memoryTables(view), ...scheduled(view), ...connections(view)];
}

const servers = ({ facts, nodes }: View): readonly string[] =>
  nodes.filter((name) => {
    const role = facts.structure.nodes[name]?.role;
    return (role === "datanode" || role === "computenode") && facts.now.nodes[name]?.state === "serving";
  });

function unknown(view: View): readonly Check[] {
  const silent = servers(view).filter((name) => (view.facts.now.nodes[name]?.felt ?? null) === null);
  if (silent.length === 0) return [];
  return [
    notMeasured("felt", silent.join(", "), "which tables in memory, jobs and schedules they have could not be asked", {
      remedy: "See getStreamTables(2), objs(true), getRecentJobs() and getScheduledJobs() there.",
      source: "facts 2",
    }),
  ];
}

function memoryTables(view: View): readonly Check[] {
  const found = servers(view).flatMap((name): readonly Check[] => {
    const tables = view.facts.now.nodes[name]?.felt?.volatileTables ?? [];
    if (tables.length === 0) return [];
    return [
      warning(
        "memory-tables",
        name,
        `${count(tables.length, "table")} in its memory alone: ${some(tables.map((each) => `${each.name} (${each.kind}, ${count(each.rows, "row")})`))}`,
        {
          remedy:
            "They are empty or gone after its restart: persist them (enableTableShareAndPersistence), or let startup.dos and their writers fill them again.",
          source: "facts 5.3",
        },
      ),
    ];
  });
  return orPassed(
    found,
    "memory-tables",
    "data nodes",
    "no stream table without persistence and no shared table in memory, as far as the nodes tell",
  );
}

/** As if the plan were applied at once: each host's nodes are down some time within the whole run. */
function scheduled(view: View): readonly Check[] {
  const { facts, goal, hosts, hostByHost } = view;
  const wholeMs = hostByHost ? hosts.length * (hostDownMs(goal) + 60_000) : outageMs(facts, goal);
  const found = servers(view).flatMap((name): readonly Check[] => {
    const felt = facts.now.nodes[name]?.felt ?? null;
    const due = felt === null ? [] : dueWithin(felt, 0, wholeMs);
    if (due.length === 0) return [];
    return [
      warning("scheduled-jobs", name, `due within the next ${String(Math.ceil(wholeMs / 60_000))} minutes: ${some(due)}`, {
        remedy: "A scheduled job runs only on its own node, and is missed while that is down: apply later, or run it by hand afterwards.",
        source: "facts 2, 5.3",
      }),
    ];
  });
  return orPassed(
    found,
    "scheduled-jobs",
    "data nodes",
    `no scheduled job is due within ${String(Math.ceil(wholeMs / 60_000))} minutes, as far as the nodes tell`,
  );
}

function connections(view: View): readonly Check[] {
  if (!view.hostByHost) return [];
  const told = servers(view).flatMap((name) => {
    const number = view.facts.now.nodes[name]?.connections ?? null;
    return number === null ? [] : [`${name} ${String(number)}`];
  });
  return [
    notMeasured(
      "clients",
      "clients",
      `whether every client has a list of sites cannot be seen from here${told.length === 0 ? "" : `; connections now: ${told.join(", ")}`}`,
      {
        remedy:
          "Clients connect with highAvailability and all sites, subscribe with reconnect, and bear that a write is sent twice: one without a list loses its node.",
        source: "facts 0.9, 5.4; DD-12",
      },
    ),
  ];
}
