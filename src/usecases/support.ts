// What goes to support with a run that stands still: beside the probe's files the journal, and what the system's own logs say of what failed.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportRun } from "../journal/export.ts";
import type { RunRecord } from "../journal/store.ts";
import type { Trouble } from "../model/driver.ts";
import type { JournalEntry, RunEvent } from "../model/event.ts";
import type { Workspace } from "./workspace.ts";

const supportFiles = { journal: "journal.jsonl", troubles: "troubles.json" } as const;
/** In the message itself; the file has them all. */
const linesTold = 3;

/** Since the facts that the run began with. Empty when the cluster cannot be seen: that is told by the run itself. */
export async function troublesSince(workspace: Workspace, record: RunRecord): Promise<readonly Trouble[]> {
  const driver = await workspace.driver();
  if (!driver.troubles) return [];
  try {
    return await driver.troubles(record.plan.facts, await driver.inspect({ now: workspace.now() }));
  } catch {
    return [];
  }
}

const told = ({ object, what, lines }: Trouble): string => {
  const shown = lines.slice(-linesTold);
  return `${object}: ${what}${shown.length === 0 ? "; no log line names it" : `; ${shown.join(" | ")}`}`;
};

/** One alarm for each trouble that the journal does not tell of yet. */
export function alarmsOf(troubles: readonly Trouble[], entries: readonly JournalEntry[]): readonly RunEvent[] {
  const before = entries.flatMap(({ event }) => (event.is === "alarm" ? [event.what] : []));
  return troubles
    .filter(({ object, what }) => !before.some((each) => each.startsWith(`${object}: ${what}`)))
    .map((trouble) => ({ is: "alarm", what: told(trouble), step: null }));
}

/** Into the run's directory, which is then what support needs. */
export async function keepForSupport(workspace: Workspace, record: RunRecord, troubles: readonly Trouble[]): Promise<void> {
  const directory = workspace.runDirectory(record.id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, supportFiles.journal), await exportRun(await workspace.store(), record.id), { mode: 0o600 });
  await writeFile(join(directory, supportFiles.troubles), `${JSON.stringify(troubles, null, 2)}\n`, { mode: 0o600 });
}
