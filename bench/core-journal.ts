// What the journal costs: Store.append against a bare commit of the same bytes with the same pragmas, in interleaved pairs, because the disk's
// mood changes from second to second.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDead, thisHolder } from "../src/journal/process-identity.ts";
import { planFor } from "../src/journal/fixtures.ts";
import { openSqliteStore } from "../src/journal/sqlite/sqlite-store.ts";
import type { RunEvent } from "../src/model/event.ts";
import { canonicalJson } from "../src/model/json.ts";
import type { Metric } from "./metric.ts";

const pairs = 400;
const warmUp = 50;

/** p50 of one append, in ms, and its ratio to the bare commit (at most 5). `directory`: on the file system that is measured. */
export async function journalAppend(directory: string = tmpdir()): Promise<Metric[]> {
  const place = mkdtempSync(join(directory, "stillwater-bench-journal-"));
  try {
    return await measure(place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

async function measure(place: string): Promise<Metric[]> {
  const store = openSqliteStore({ directory: join(place, "store"), now: Date.now });
  const claim = await store.claim({ cluster: "bench", holder: thisHolder("bench"), leaseMs: 15_000, above: 0, holderIsDead: isDead });
  const run = await store.createRun(claim, planFor("bench"));

  const db = new DatabaseSync(join(place, "bare.db"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (n INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT");
  const insert = db.prepare("INSERT INTO bare (event) VALUES (?)");

  const appended: number[] = [];
  const committed: number[] = [];
  const append = async (event: RunEvent): Promise<void> => {
    const began = performance.now();
    await store.append(claim, run.id, [event]);
    appended.push(performance.now() - began);
  };
  const commit = (text: string): void => {
    const began = performance.now();
    db.exec("BEGIN IMMEDIATE");
    insert.run(text);
    db.exec("COMMIT");
    committed.push(performance.now() - began);
  };
  for (let pair = 0; pair < warmUp + pairs; pair += 1) {
    const event = eventNumber(pair);
    const text = canonicalJson(event);
    if (pair % 2 === 0) {
      await append(event);
      commit(text);
    } else {
      commit(text);
      await append(event);
    }
  }
  store.close();
  db.close();

  const bare = "bare SQLite commit of the same bytes";
  return [metric("journal append p50", median(appended.slice(warmUp)), { name: bare, value: median(committed.slice(warmUp)) })];
}

/** An event of the usual size, a little different each time. */
function eventNumber(number: number): RunEvent {
  const at = 1_795_197_600_000 + number;
  return {
    is: "acting",
    step: `turn-${number}.stop`,
    at,
    settled: at + 30_000,
    before: { pid: number, startTicks: at, arguments: ["-D", "/srv/data", "-p", "5432"] },
  };
}

function metric(name: string, value: number, baseline: { readonly name: string; readonly value: number }): Metric {
  return {
    metric: name,
    value: rounded(value),
    unit: "ms",
    baseline: { ...baseline, value: rounded(baseline.value) },
    ratio: rounded(value / baseline.value),
  };
}
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
