// Plays the fault table of a system: the driver's own tests where they play a row, seeds where these do.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { count, noFigures, type Figures } from "./figures.ts";
import { overWorkers } from "./pool.ts";
import type { SeedOutcome, SeedPlayer } from "./run-seeds.ts";

export interface FaultRow<Kind extends string> {
  readonly fault: string;
  readonly ending: string;
  /** Tests whose full name contains all of these words; all of them must pass, and there must be one. */
  readonly played: { readonly file: string; readonly title: readonly string[] } | { readonly seeds: Kind };
}
interface FoundTest {
  readonly file: string;
  readonly title: string;
  readonly passed: boolean;
  readonly why: string;
}
export interface FaultsRequest {
  readonly only: RegExp | null;
  readonly workers: number;
  readonly log: (line: string) => void;
}
const root = fileURLToPath(new URL("../../", import.meta.url));
const WITHIN_MS = 1_800_000;

export async function playFaultTable<Task, Outcome extends SeedOutcome>(
  table: readonly FaultRow<string>[],
  player: SeedPlayer<Task, Outcome>,
  { only, workers, log }: FaultsRequest,
): Promise<Figures> {
  const figures = noFigures();
  const rows = table.filter(({ fault }) => only === null || only.test(fault));
  if (rows.length === 0) figures.broken.push("no row is chosen: nothing is shown");
  const kinds = new Set(rows.flatMap(({ played }) => ("seeds" in played ? [played.seeds] : [])));
  const seeds = await playSeeds(kinds, player, workers, log);
  const tests = await runTests([...new Set(rows.flatMap(({ played }) => ("file" in played ? [played.file] : [])))], log);
  for (const row of rows) {
    const found =
      "seeds" in row.played
        ? ofSeeds(
            seeds.filter(({ kind }) => "seeds" in row.played && kind === row.played.seeds),
            `by ${player.place} that the fault hit`,
          )
        : ofTests(row.played, tests);
    figures.runs += found.times;
    count(figures.faults, row.fault);
    figures.broken.push(...found.wrong.map((why) => `${row.fault}: ${why}`));
    figures.tables.push(`  ${found.wrong.length === 0 ? "as required" : "WRONG      "}  ${row.fault}: ${row.ending} (${found.by})`);
  }
  for (const { lost, leftovers, extraRestarts, doubleActions } of seeds) {
    figures.lost += lost;
    figures.leftovers += leftovers;
    figures.extraRestarts += extraRestarts;
    figures.doubleActions += doubleActions;
  }
  return figures;
}

interface Verdict {
  readonly times: number;
  readonly wrong: readonly string[];
  readonly by: string;
}
function ofTests({ file, title }: { readonly file: string; readonly title: readonly string[] }, tests: readonly FoundTest[]): Verdict {
  const own = tests.filter((each) => each.file.endsWith(file) && title.every((words) => each.title.includes(words)));
  const wrong = own.filter(({ passed }) => !passed).map((each) => `${each.title}: ${each.why}`);
  const none = own.length === 0 ? [`no test of ${file} is called ${title.join(" ... ")}`] : [];
  return { times: own.length, wrong: [...none, ...wrong], by: `${String(own.length)} tests of ${file}` };
}
function ofSeeds(outcomes: readonly SeedOutcome[], words: string): Verdict {
  const counted = outcomes.filter(({ uncounted }) => uncounted === null).length;
  const none = counted === 0 ? [`no seed counts: ${outcomes[0]?.uncounted ?? "there is none"}`] : [];
  return { times: counted, wrong: [...none, ...outcomes.flatMap(({ broken }) => broken)], by: `${String(counted)} seeds, ${words}` };
}

/** Each of these kinds once at each place. */
async function playSeeds<Task, Outcome extends SeedOutcome>(
  kinds: ReadonlySet<string>,
  { program, withinMs, task, failed, faultOf, ...player }: SeedPlayer<Task, Outcome>,
  workers: number,
  log: (line: string) => void,
): Promise<readonly Outcome[]> {
  const all = Array.from({ length: player.kinds.length * player.places.length }, (_, index) => index + 1);
  const wanted = all.filter((seed) => kinds.has(faultOf(seed).kind));
  log(`${String(wanted.length)} seeds`);
  return overWorkers(wanted.map(task), { program, workers, withinMs, failed });
}

/** Throws when the test runner itself says nothing. */
async function runTests(files: readonly string[], log: (line: string) => void): Promise<readonly FoundTest[]> {
  if (files.length === 0) return [];
  log(`tests of ${files.join(", ")}`);
  const directory = await mkdtemp(join(tmpdir(), "fault-table-"));
  const found = join(directory, "results.json");
  try {
    const said = await new Promise<string>((resolve, reject) => {
      const args = ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", `--outputFile=${found}`, ...files];
      // It ends with 1 when a test fails: that is told by the row.
      execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 28, timeout: WITHIN_MS }, (error, stdout, stderr) => {
        if (error?.code === undefined || typeof error.code === "number") resolve(`${stdout} ${stderr}`);
        else reject(error);
      });
    });
    const text = await readFile(found, "utf8").catch(() => null);
    if (text === null) throw new Error(`the test runner wrote nothing: ${said.slice(0, 500)}`);
    return testsIn(text);
  } finally {
    await rm(directory, { recursive: true });
  }
}
function testsIn(text: string): readonly FoundTest[] {
  const { testResults } = JSON.parse(text) as {
    readonly testResults: readonly {
      readonly name: string;
      readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages?: readonly string[] }[];
    }[];
  };
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages = [] }) => ({
      file: name,
      title: fullName,
      passed: status === "passed",
      why: failureMessages[0]?.split("\n")[0] ?? status,
    })),
  );
}
