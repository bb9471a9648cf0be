// Applications, runs, schedules, real-time pipelines and services, as `inspect` shows them. Pure.
import type { FactTable } from "../../model/driver.ts";
import { nameOf } from "./checks/selection.ts";
import { stuckAfterSeconds } from "./checks/runs.ts";
import type { CdapFacts } from "./facts.ts";

export const factTables = (facts: CdapFacts): readonly FactTable[] => [
  applications(facts),
  runs(facts),
  schedules(facts),
  pipelines(facts),
  services(facts),
];

const applications = ({ structure: { namespaces } }: CdapFacts): FactTable => ({
  name: "applications",
  columns: ["application", "version", "artefact", "plug-ins"],
  rows: Object.entries(namespaces).flatMap(([ns, { apps }]) =>
    Object.entries(apps).map(([app, { version, artifact, plugins }]) => ({
      cells: [nameOf({ ns, app }), version, `${artifact.name} ${artifact.version} ${artifact.scope}`, String(plugins.length)],
      sick: false,
    })),
  ),
});

function runs(facts: CdapFacts): FactTable {
  const { activeRuns, observedAt } = facts.now;
  const limit = stuckAfterSeconds(facts);
  return {
    name: "runs",
    columns: ["application", "type", "program", "run", "status", "since", "version", "workflow run"],
    rows: activeRuns.map((run) => ({
      cells: [
        nameOf(run),
        run.type,
        run.program,
        run.runId,
        run.status,
        run.since === null ? "-" : new Date(run.since * 1_000).toISOString(),
        run.version ?? "an older one",
        run.childOf ?? "-",
      ],
      sick: run.status === "STOPPING" && run.since !== null && observedAt / 1_000 - run.since > limit,
    })),
  };
}

const schedules = ({ now: { schedules: seen } }: CdapFacts): FactTable => ({
  name: "schedules",
  columns: ["status", "count"],
  rows: [
    { cells: ["SCHEDULED", String(seen.scheduled)], sick: false },
    { cells: ["SUSPENDED", String(seen.suspended)], sick: false },
  ],
});

const pipelines = ({ now: { pipelines: seen } }: CdapFacts): FactTable => ({
  name: "pipelines",
  columns: ["application", "program", "state mode", "write-ahead log", "checkpoints", "sources", "read in"],
  rows: seen.map((each) => ({
    cells: [
      nameOf(each),
      each.program,
      each.mode ?? "unknown",
      each.wal === null ? "unknown" : each.wal ? "on" : "off",
      each.mode === "SPARK_CHECKPOINTING" ? (each.checkpointDir ?? "default dataset") : "-",
      each.sources.map(({ plugin }) => plugin).join(", ") || "-",
      `${each.modeFrom}; ${each.walFrom}`,
    ],
    sick: each.known && each.mode !== "STATE_STORE" && each.wal !== true,
  })),
});

const services = ({ now: { services: seen } }: CdapFacts): FactTable => ({
  name: "services",
  columns: ["service", "status"],
  rows: Object.entries(seen ?? {}).map(([name, status]) => ({ cells: [name, status], sick: status !== "OK" })),
});
