import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "../../model/json.ts";
import { everyEvent, holderNamed, planFor } from "../fixtures.ts";
import type { Claim, Store } from "../store.ts";
import { connect, fileName, prepareJournal } from "./database.ts";
import { migrations } from "./migrations.ts";
import { openSqliteStore, SqliteStore } from "./sqlite-store.ts";

let root: string;
let directory: string;
let file: string;
let store: Store | null = null;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "stillwater-database-"));
  directory = join(root, "state", "journal");
  file = join(directory, fileName);
});
afterEach(async () => {
  store?.close();
  store = null;
  await rm(root, { recursive: true });
});

const open = (): Store => (store = openSqliteStore({ directory, now: () => 5000 }));
const take = (from: Store): Promise<Claim> =>
  from.claim({ cluster: "orders", holder: holderNamed("ana"), leaseMs: 1000, above: 0, holderIsDead: () => false });
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
/** Changes the file as a fault or a stranger would, behind the triggers. */
function tamper(sql: string): void {
  store?.close();
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}
async function runOfEveryEvent(): Promise<void> {
  const from = open();
  const claim = await take(from);
  await from.createRun(claim, planFor("orders"));
  await from.append(claim, 1, everyEvent);
}

describe("the files of the journal", () => {
  it("are for their owner only, the log and the shared memory too, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await take(open());
      await store?.createRun(
        await open()
          .holder("orders")
          .then((claim) => claim!),
        planFor("orders"),
      );
    } finally {
      process.umask(before);
    }
    expect(mode(directory)).toBe("700");
    expect(readdirSync(directory).toSorted()).toEqual([fileName, `${fileName}-shm`, `${fileName}-wal`]);
    for (const name of readdirSync(directory)) expect(mode(join(directory, name))).toBe("600");
  });
  it("are not put where everybody may write", () => {
    open().close();
    chmodSync(directory, 0o777);
    expect(open).toThrow(expect.objectContaining({ code: "SW4001", remedy: expect.stringContaining("chmod 700") as string }));
  });
  it("are not put where there is no directory to be had", () => {
    writeFileSync(join(root, "state"), "a file");
    expect(open).toThrow(expect.objectContaining({ code: "SW4001" }));
  });
  it("commit to the disk: WAL, synchronous FULL", () => {
    open();
    const db = connect(file, "FULL");
    expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(db.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
    db.close();
  });
});

describe("a journal that cannot be trusted is refused", () => {
  it("when a newer release wrote it", () => {
    open();
    tamper(`PRAGMA user_version = ${migrations.length + 1}`);
    expect(open).toThrow(expect.objectContaining({ code: "SW4003", message: "The journal was written by a newer release" }));
  });
  it("when it is no database, an empty file, or the database of another program", () => {
    open().close();
    writeFileSync(file, "not a database, but long enough to be looked at as one".repeat(100));
    expect(open).toThrow(expect.objectContaining({ code: "SW4003" }));
    writeFileSync(file, "");
    expect(open).toThrow(expect.objectContaining({ code: "SW4003" }));
    tamper("CREATE TABLE stranger (x)");
    expect(open).toThrow(expect.objectContaining({ code: "SW4003", why: [expect.stringContaining("another program")] }));
  });
  it("when its pages are damaged", async () => {
    await runOfEveryEvent();
    store?.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096);
    writeFileSync(file, bytes);
    await expect((async () => open().read(1, 0))()).rejects.toMatchObject({ code: "SW4003" });
  });

  const inEntry3: readonly (readonly [string, string])[] = [
    ["an event is not JSON", "UPDATE journal SET event = '{\"is\":' WHERE n = 3"],
    ["an event is of a kind that is not known", 'UPDATE journal SET event = \'{"is":"dreamt","step":"a"}\' WHERE n = 3'],
    ["an event has a key that is not known", 'UPDATE journal SET event = \'{"is":"lost","step":"a","softly":true}\' WHERE n = 3'],
    ["an event is of a newer format", "UPDATE journal SET v = 2 WHERE n = 3"],
    ["an event is missing", "DELETE FROM journal WHERE n = 3"],
    ["an epoch falls", "UPDATE journal SET epoch = 9 WHERE n = 2"],
  ];
  for (const [name, sql] of inEntry3) {
    it(`when ${name}, naming run and entry`, async () => {
      await runOfEveryEvent();
      tamper(`DROP TRIGGER journal_is_kept; DROP TRIGGER journal_is_never_changed; ${sql}`);
      await expect(open().read(1, 0)).rejects.toMatchObject({ code: "SW4003", object: "run 1, entry 3" });
      expect((await open().read(1, 3)).length).toBe(everyEvent.length - 3);
    });
  }
  it("when a plan does not parse, is of a newer format, or is not the one that was written, naming the run", async () => {
    await runOfEveryEvent();
    tamper("DROP TRIGGER run_is_never_changed; CREATE TABLE kept AS SELECT plan, sha256 FROM run");
    const cut = canonicalJson({ ...planFor("orders"), turns: undefined });
    const digest = createHash("sha256").update(cut).digest("hex");
    for (const change of ["plan = replace(plan, 'stop n1', 'stop n2')", `plan = '${cut}', sha256 = '${digest}'`, "v = 2"]) {
      tamper(`UPDATE run SET ${change}`);
      await expect(open().run(1)).rejects.toMatchObject({ code: "SW4003", object: "run 1, plan" });
      expect(await store!.runs(null)).toHaveLength(1);
      tamper("UPDATE run SET v = 1, plan = (SELECT plan FROM kept), sha256 = (SELECT sha256 FROM kept)");
    }
    expect((await open().run(1))?.plan).toEqual(planFor("orders"));
  });
  it("by the database itself when somebody would change or remove what was written, or lower an epoch", async () => {
    await runOfEveryEvent();
    for (const sql of [
      "UPDATE journal SET at = 0",
      "DELETE FROM journal",
      "UPDATE run SET plan = ''",
      "DELETE FROM run",
      "DELETE FROM claim",
      "UPDATE claim SET epoch = epoch - 1",
    ])
      expect(() => tamper(sql)).toThrow(/append-only|never/);
  });
});

describe("a journal that another process keeps locked", () => {
  it("is SW4001 after the busy timeout, and nothing was written", async () => {
    open().close();
    const stuck = new DatabaseSync(file);
    const db = connect(file, "FULL");
    db.exec("PRAGMA busy_timeout = 20");
    store = new SqliteStore(file, db, () => 5000);
    stuck.exec("BEGIN IMMEDIATE");
    await expect(take(store)).rejects.toMatchObject({ code: "SW4001", object: file });
    expect(await store.holder("orders")).toBeNull();
    stuck.exec("ROLLBACK");
    stuck.close();
    expect((await take(store)).epoch).toBe(1);
  });
});

describe("a full disk", () => {
  it("refuses the append with SW4002, writes nothing of it, and goes on when there is space", async () => {
    open().close();
    const db = connect(file, "FULL");
    store = new SqliteStore(file, db, () => 5000);
    const claim = await take(store);
    await store.createRun(claim, planFor("orders"));
    await store.append(claim, 1, everyEvent);
    const pages = db.prepare("PRAGMA page_count").get()?.["page_count"] as number;
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const large = { is: "alarm", what: "x".repeat(100_000), step: null } as const;
    await expect(store.append(claim, 1, [everyEvent[0]!, large])).rejects.toMatchObject({ code: "SW4002", object: file });
    expect((await store.read(1, 0)).length).toBe(everyEvent.length);
    db.exec("PRAGMA max_page_count = 1000000");
    expect((await store.append(claim, 1, [large])).entries[0]?.n).toBe(everyEvent.length + 1);
  });
});

describe("migrations", () => {
  const later = [...migrations, "ALTER TABLE store ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'", "UPDATE store SET colour = 'green'"];
  it("bring an older journal up to date in order, and keep a copy of how it was", async () => {
    await runOfEveryEvent();
    const { id } = store!;
    store?.close();
    prepareJournal(directory, later);
    const db = new DatabaseSync(file);
    expect(db.prepare("SELECT id, colour FROM store").get()).toEqual({ id, colour: "green" });
    expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length + 2 });
    db.close();
    const copy = `${file}.v${migrations.length}`;
    expect(mode(copy)).toBe("600");
    cpSync(copy, file);
    expect((await open().read(1, 0)).map((entry) => entry.event)).toEqual(everyEvent);
  });
  it("that fail leave the journal as it was", () => {
    open().close();
    expect(() => prepareJournal(directory, [...migrations, "CREATE TABLE half (x); SELECT * FROM nowhere"])).toThrow(/nowhere/);
    expect(open().id).toMatch(/^[0-9a-f-]{36}$/);
  });
  it("leave no draft behind", () => {
    open().close();
    expect(readdirSync(directory)).toEqual([fileName]);
    expect(existsSync(`${file}.v1`)).toBe(false);
  });
});
