// Runs without an end of one program, over all versions of its application (facts 0.2, P10).
import type { Program } from "../step-names.ts";
import type { CdapApi, RunRecord } from "../wire/api.ts";
import { isActive, runStatuses } from "../wire/programs.ts";
import type { Pace } from "./pace.ts";

const first = 100;
const most = 1_000;

/** `[]` too for a program that the server does not know. `pace` is asked for every request but the first. */
export async function activeRuns(api: Pick<CdapApi, "runs">, program: Program, pace: Pace): Promise<readonly RunRecord[]> {
  const records = (await api.runs(program, { limit: first })) ?? [];
  if (records.length < first) return records.filter(({ status }) => isActive(status));
  // A long history may hide a run that began before all of these: then each state is asked for.
  const found = new Map<string, RunRecord>();
  for (const status of runStatuses) {
    if (!isActive(status)) continue;
    await pace.take();
    for (const record of (await api.runs(program, { limit: most, status })) ?? []) if (isActive(record.status)) found.set(record.runid, record);
  }
  return [...found.values()];
}
