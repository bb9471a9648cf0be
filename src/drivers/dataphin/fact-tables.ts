// What the installation holds beside nodes, as `inspect` shows it: instances, APIs, grants, real-time jobs. Pure.
import type { FactTable } from "../../model/driver.ts";
import { apiClasses, type DpFacts } from "./facts.ts";
import { classWords } from "./api-words.ts";
import { clockTime } from "./window.ts";

const notSeen = (name: string, columns: readonly string[]): FactTable => ({
  name,
  columns,
  rows: [{ cells: ["the application does not answer: not known", ...columns.slice(1).map(() => "-")], sick: true }],
});

export const factTables = (facts: DpFacts): readonly FactTable[] => [instances(facts), apis(facts), grants(facts), realtime(facts)];

function instances({ structure, now }: DpFacts): FactTable {
  const columns = ["instance", "node", "project", "since"];
  if (now.instances === null) return notSeen("instances", columns);
  const names = new Map(structure.projects.map(({ id, name }) => [id, name]));
  return {
    name: "instances",
    columns,
    rows: now.instances.running.map(({ id, node, project, startedAt }) => ({
      cells: [id, node, names.get(project) ?? project, startedAt === null ? "?" : clockTime(startedAt, structure.timeZone)],
      sick: false,
    })),
  };
}
function apis({ structure }: DpFacts): FactTable {
  const columns = ["class", "published", "works in a downtime"];
  const { apis: seen } = structure;
  if (seen === null) return notSeen("apis", columns);
  return {
    name: "apis",
    columns,
    rows: apiClasses.flatMap((each) => {
      const published = seen.filter((api) => api.class === each).length;
      return published === 0 ? [] : [{ cells: [classWords[each].name, String(published), classWords[each].inDowntime], sick: each === "unknown" }];
    }),
  };
}
function grants({ structure }: DpFacts): FactTable {
  const columns = ["api", "application", "until", "fields"];
  const { grants: seen, apis: known } = structure;
  if (seen === null) return notSeen("grants", columns);
  const names = new Map((known ?? []).map(({ id, name }) => [id, name]));
  return {
    name: "grants",
    columns,
    rows: seen.map(({ api, appKey, expires, fields, withheld }) => ({
      cells: [names.get(api) ?? api, appKey, expires ?? "-", fields === null ? "all" : `${fields.join(", ")} (withheld: ${withheld.join(", ")})`],
      sick: false,
    })),
  };
}
function realtime({ structure, now }: DpFacts): FactTable {
  const columns = ["job", "state", "last checkpoint"];
  return {
    name: "realtime",
    columns,
    rows: (now.realtime ?? []).map(({ name, state, lastCheckpointAt }) => ({
      cells: [name, state, lastCheckpointAt === null ? "none" : clockTime(lastCheckpointAt, structure.timeZone)],
      sick: state !== "RUNNING" || lastCheckpointAt === null,
    })),
  };
}
