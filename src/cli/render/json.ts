// What `--json` prints: times in UTC, the rest as the use cases give it.
import { hhhmmss } from "../../report/record.ts";
import type { History } from "../../usecases/history.ts";
import type { RunView } from "../../usecases/run-view.ts";
import type { Status } from "../../usecases/status.ts";

const utc = (ms: number): string => new Date(ms).toISOString();
const utcOrNull = (ms: number | null): string | null => (ms === null ? null : utc(ms));

export const runDocument = (run: RunView): unknown => ({
  ...run,
  startedAt: utc(run.startedAt),
  endedAt: utcOrNull(run.endedAt),
  expectedEnd: utcOrNull(run.expectedEnd),
  lastSign: utc(run.lastSign),
  step: run.step && { ...run.step, since: utcOrNull(run.step.since) },
  leases: run.leases.map((lease) => ({ ...lease, since: utc(lease.since) })),
  known: run.known.map((known) => ({ ...known, at: utcOrNull(known.at) })),
  paused: run.paused && { ...run.paused, at: utc(run.paused.at) },
  asks: run.asks && { ...run.asks, at: utc(run.asks.at) },
  holder: run.holder && { ...run.holder, since: utc(run.holder.since) },
  alarms: run.alarms.map((alarm) => ({ ...alarm, at: utc(alarm.at) })),
});

export const statusDocument = (status: Status): unknown => ({ ...status, run: status.run && runDocument(status.run) });

const recordDocument = ({ startedAt, durationMs, maintenance, instants, ...rest }: History["runs"][number]["record"]): unknown => ({
  ...rest,
  upgradeStart: utcOrNull(startedAt),
  upgradeDuration: durationMs === null ? null : hhhmmss(durationMs),
  maintenanceStart: utcOrNull(maintenance?.startedAt ?? null),
  maintenanceDuration: maintenance?.durationMs == null ? null : hhhmmss(maintenance.durationMs),
  instants: instants.map(({ instant, at }) => ({ instant, at: utc(at) })),
});

export const historyDocument = (history: History): unknown => ({
  ...history,
  runs: history.runs.map((run) => ({ ...run, startedAt: utc(run.startedAt), record: recordDocument(run.record) })),
});
