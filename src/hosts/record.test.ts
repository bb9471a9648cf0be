import { describe, expect, test } from "vitest";
import { hostIsHeld, parseRecord, recordWord } from "./record.ts";

const text = (now: number, expires: number): string =>
  `now ${now}\nstillwater-record 1\nstore journal-a\nrun 4\nepoch 9\nconnection 2\nsession 3\nholder ana on jump1 (pid 4211)\nverb apply\nsince 900\nexpires ${expires}\nend\n`;

describe("host record", () => {
  test("times are those of our clock, whatever the host's says", () => {
    const record = parseRecord(text(1_000, 1_020), 5_000_000);
    expect(record).toEqual({
      store: "journal-a",
      run: "4",
      epoch: 9,
      connection: 2,
      session: 3,
      holder: "ana on jump1 (pid 4211)",
      verb: "apply",
      since: 4_900_000,
      expires: 5_020_000,
    });
    expect(parseRecord(text(1_000, 0), 5_000_000)?.expires).toBe(0);
    expect(parseRecord("now 5\nstillwater-record 1\nstore \nepoch 0\nend\n", 0)).toBeNull();
  });
  test("a refusal names holder, host, verb, since when and until when", () => {
    const record = parseRecord(text(1_000, 1_020), 5_000_000);
    if (record === null) throw new Error("no record");
    const error = hostIsHeld({ host: "db1", record, now: 5_000_000 });
    expect(error.code).toBe("SW2002");
    expect(error.message).toMatch(/^db1 is held by ana on jump1 \(pid 4211\): apply, since 1970-01-01 \d\d:21:40/);
    expect(error.why.join("\n")).toMatch(/epoch 9, journal journal-a[\s\S]*runs out at 1970-01-01 .*, in 20 s/);
  });
  test("words of a claim are one line", () => {
    expect(recordWord("holder", " ana ")).toBe("ana");
    expect(() => recordWord("holder", "ana\nepoch 99")).toThrow(/one line/);
    expect(() => recordWord("holder", "")).toThrow(/one line/);
  });
});
