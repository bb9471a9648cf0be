// The journal as the file tells it. Imports nothing of Stillwater.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface JournalLine {
  readonly n: number;
  readonly epoch: number;
  readonly at: number;
  readonly event: Readonly<Record<string, unknown>> & { readonly is: string };
}

export function journalOf(journalDirectory: string, run = 1): readonly JournalLine[] {
  const db = new DatabaseSync(join(journalDirectory, "journal.db"), { readOnly: true, timeout: 5_000 });
  try {
    const rows = db.prepare("SELECT n, epoch, at, event FROM journal WHERE run = ? ORDER BY n").all(run);
    return rows.map((row) => ({
      n: Number(row["n"]),
      epoch: Number(row["epoch"]),
      at: Number(row["at"]),
      event: JSON.parse(String(row["event"])) as JournalLine["event"],
    }));
  } finally {
    db.close();
  }
}

/** One passage of a step: from its first event to `done`. */
export interface StepLine {
  readonly step: string;
  /** The how-manieth `acting` of the run its first one was, from 1; null: a condition, it never acted. */
  readonly acting: number | null;
  /** The how-manieth `done` or `undone` of the run. */
  readonly ended: number;
  /** From `acting` to `done`, in ms; null: a condition. */
  readonly effectMs: number | null;
}

/** The steps of a run in the order in which they were done. */
export function stepsOf(lines: readonly JournalLine[]): readonly StepLine[] {
  const begun = new Map<string, { readonly acting: number; readonly at: number }>();
  const found: StepLine[] = [];
  let [acting, ended] = [0, 0];
  for (const { at, event } of lines) {
    const step = String(event["step"]);
    if (event.is === "acting") {
      acting++;
      if (!begun.has(step)) begun.set(step, { acting, at });
    }
    if (event.is === "done" || event.is === "undone") {
      ended++;
      const first = begun.get(step);
      found.push({ step, acting: first?.acting ?? null, ended, effectMs: first ? at - first.at : null });
    }
  }
  return found;
}
