// The probe on its own, through the real command line, on a cluster in a file.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ContinuityVerdict } from "../model/report.ts";
import { Place } from "./testing/call.fixture.ts";
import { quarryRows, setQuarryFault } from "./testing/quarry-continuity.fixture.ts";

let place: Place;
beforeEach(async () => {
  place = new Place();
  const made = await place.run("init", "quarry", place.quarry);
  expect(made, made.err).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await place.run("probe", "stop");
  place.close();
});

interface Started {
  readonly probe: number;
  readonly pid: number;
  readonly directory: string;
}
interface Told {
  readonly running: boolean;
  readonly final: boolean;
  readonly sentence: string;
  readonly directory: string;
  readonly continuity: ContinuityVerdict;
}
async function json<T>(code: number, ...args: readonly string[]): Promise<T> {
  const answer = await place.run(...args, "--json");
  expect(answer, `${args.join(" ")}: ${answer.out}${answer.err}`).toMatchObject({ code, err: "" });
  return JSON.parse(answer.out) as T;
}
const start = (): Promise<Started> => json<Started>(0, "probe", "start", "--rate", "200");
const verdict = (code: number, ...args: readonly string[]): Promise<Told> => json<Told>(code, "probe", "verdict", ...args);
/** The name of its rows. */
const rowsOf = ({ directory }: { readonly directory: string }): string =>
  quarryRows(place.quarry, (JSON.parse(readFileSync(`${directory}/probe.json`, "utf8")) as { readonly name: string }).name);

test("[DD-12] [DD-21] start, a verdict while it runs, stop, and the last word, which stays", async () => {
  const started = await place.run("probe", "start", "orders", "--rate", "200");
  expect(started, started.err).toMatchObject({ code: 0, err: "" });
  expect(started.out).toMatch(/^Probe 1 of orders writes 200\/s on 2 partitions, as process \d+\.\n/);
  expect(started.out).toContain(".stillwater/probes/orders/1");
  expect(await place.run("probe", "start")).toMatchObject({ code: 3, err: expect.stringContaining("SW5004") as string });

  await delay(300);
  const sofar = await verdict(0);
  expect(sofar).toMatchObject({ running: true, final: false, continuity: { verdict: "pass", lost: 0, control: "caught" } });
  expect(existsSync(rowsOf(sofar))).toBe(true);

  expect((await place.run("probe", "stop")).out).toMatch(/^Probe 1 of orders has ended\.\n {2}acknowledged [\d,]+, refused 0, unknown 0, /);
  expect((await place.run("probe", "stop")).out).toContain("had ended already");
  const last = await place.run("probe", "verdict");
  expect(last, last.out + last.err).toMatchObject({ code: 0, err: "" });
  const text = last.out.replace(/\s+/g, " ");
  expect(text).toMatch(/^orders probe 1: passed 0 of [\d,]+ acknowledged probe records lost, on 2 of 2 touched partitions; 0 outcomes unknown; /);
  expect(text).toMatch(/latest acknowledged \S+ UTC, [\d.]+ m?s before the probe ended/);
  expect(text).toMatch(/numbers 1 to [\d,]+, consecutive/);
  expect(text).toMatch(/clocks n1 is 4(\.0+)? s ahead of this machine/);
  expect(text).toContain("counted on 1 node");
  // Its rows are gone, and that is no loss.
  const again = await verdict(0);
  expect(again).toMatchObject({ running: false, final: true, continuity: { verdict: "pass", lost: 0 } });
  expect(existsSync(rowsOf(again))).toBe(false);
  expect((await start()).probe).toBe(2);
  expect((await verdict(0, "--probe", "1")).continuity.acknowledged).toBe(again.continuity.acknowledged);
});

test("killed, it is judged by what it has written; what was lost is told, and its rows stay until somebody removes them", async () => {
  const started = await start();
  setQuarryFault(place.quarry, "forgets");
  await delay(200);
  process.kill(started.pid, "SIGKILL");
  setQuarryFault(place.quarry, null);
  expect((await place.run("probe", "stop")).out).toContain("was killed");
  const told = await place.run("probe", "verdict");
  expect(told, told.out).toMatchObject({ code: 1, err: "" });
  expect(told.out.replace(/\s+/g, " ")).toContain("acknowledged and missing");
  expect(existsSync(rowsOf(started))).toBe(true);
  expect((await place.run("probe", "stop", "--discard")).code).toBe(0);
  expect(existsSync(rowsOf(started))).toBe(false);
});
