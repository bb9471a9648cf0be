import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportRun, readExport } from "./export.ts";
import { everyEvent, holderNamed, planFor } from "./fixtures.ts";
import { fileName } from "./sqlite/database.ts";
import { openSqliteStore } from "./sqlite/sqlite-store.ts";

// The golden files are what release 0.1 wrote. A change of the format adds new ones: these are read for ever, and never written again.
const goldenRun = new URL("./golden/run-v1.golden.jsonl", import.meta.url);
const goldenJournal = new URL("./golden/journal-v1.golden.sql", import.meta.url);
const storeId = "11111111-2222-4333-8444-555555555555";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-export-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A journal with one run in which everything has happened; its id is a fixed one. */
async function writeJournal(): Promise<void> {
  const store = openSqliteStore({ directory, now: () => 1_795_197_600_000 });
  const claim = await store.claim({ cluster: "orders", holder: holderNamed("ana"), leaseMs: 15_000, above: 0, holderIsDead: () => false });
  const run = await store.createRun(claim, planFor("orders"));
  await store.append(claim, run.id, everyEvent);
  await store.signal(run.id, { desired: "pause", by: "ben", reason: "lunch" });
  await store.setProgress(run.id, { at: 1_795_197_600_000, turn: "t1", step: null, state: "paused" });
  await store.release(claim);
  store.close();
  change(`UPDATE store SET id = '${storeId}'`);
}
function change(sql: string): void {
  const db = new DatabaseSync(join(directory, fileName));
  db.exec(sql);
  db.close();
}
/** The whole database as statements: what git can show the difference of. */
function dump(): string {
  const db = new DatabaseSync(join(directory, fileName));
  const quoted = (value: unknown): string => {
    if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
    return typeof value === "number" ? `${value}` : "NULL";
  };
  const pragmas = ["application_id", "user_version"].map((name) => `PRAGMA ${name} = ${String(db.prepare(`PRAGMA ${name}`).get()?.[name])};`);
  const objects = db.prepare("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").all();
  const tables = objects.filter((each) => each["type"] === "table").map((each) => String(each["name"]));
  const rows = tables.flatMap((table) =>
    db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => `INSERT INTO ${table} VALUES (${Object.values(row).map(quoted).join(", ")});`),
  );
  db.close();
  return `${[...pragmas, ...objects.map((each) => `${String(each["sql"])};`), ...rows].join("\n")}\n`;
}

describe("an exported run", () => {
  it("is written as version 1 writes it", async () => {
    await writeJournal();
    const store = openSqliteStore({ directory, now: () => 0 });
    await expect(await exportRun(store, 1)).toMatchFileSnapshot(goldenRun.pathname);
    store.close();
  });
  it("of version 1 can be read", () => {
    const { store, run, entries } = readExport(readFileSync(goldenRun, "utf8"));
    expect(store).toBe(storeId);
    expect(run).toEqual({ id: 1, cluster: "orders", plan: planFor("orders"), createdAt: 1_795_197_600_000 });
    expect(entries).toEqual(everyEvent.map((event, index) => ({ n: index + 1, epoch: 1, at: 1_795_197_600_000, event })));
  });
  it("that is cut off anywhere, or has a hole, is refused", () => {
    const text = readFileSync(goldenRun, "utf8");
    for (let length = 0; length < text.length - 1; length += 37) {
      expect(() => readExport(text.slice(0, length))).toThrow(expect.objectContaining({ code: "SW4003" }));
    }
    expect(() => readExport(text.replace(/\n.*"n":5\b.*\n/, "\n"))).toThrow(expect.objectContaining({ code: "SW4003" }));
    expect(() => readExport(text.replace('"version":1}', '"version":2}'))).toThrow(expect.objectContaining({ code: "SW4003" }));
  });
  it("must be there", async () => {
    const store = openSqliteStore({ directory, now: () => 0 });
    await expect(exportRun(store, 1)).rejects.toMatchObject({ code: "SW1004" });
    store.close();
  });
});

describe("a journal", () => {
  it("is written as version 1 writes it", async () => {
    await writeJournal();
    await expect(dump()).toMatchFileSnapshot(goldenJournal.pathname);
  });
  it("of version 1 can be read and continued", async () => {
    change(readFileSync(goldenJournal, "utf8"));
    const store = openSqliteStore({ directory, now: () => 1_795_197_700_000 });
    expect(store.id).toBe(storeId);
    expect((await store.run(1))?.plan).toEqual(planFor("orders"));
    expect((await store.read(1, 0)).map((entry) => entry.event)).toEqual(everyEvent);
    expect(await store.readSignal(1)).toEqual({ desired: "pause", by: "ben", reason: "lunch" });
    expect(await store.progress(1)).toEqual({ at: 1_795_197_600_000, turn: "t1", step: null, state: "paused" });
    const claim = await store.claim({ cluster: "orders", holder: holderNamed("ben"), leaseMs: 1000, above: 0, holderIsDead: () => false });
    expect(claim.epoch).toBe(2);
    expect((await store.append(claim, 1, [{ is: "lost", step: "t1.pause" }])).entries[0]?.n).toBe(everyEvent.length + 1);
    store.close();
  });
});
