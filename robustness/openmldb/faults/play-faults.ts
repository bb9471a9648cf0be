// Plays the fault table: the driver's own tests where they play a row, seeds where these do.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { count, noFigures, type Figures } from "../../harness/figures.ts";
import { overWorkers } from "../../harness/pool.ts";
import { faultKinds, type FaultKind } from "../seeds/faults.ts";
import { endless, type SeedOutcome, type SeedTask } from "../seeds/outcome.ts";
import { cellsOf } from "../seeds/verdict.ts";
import { faultTable, type FaultRow } from "./fault-table.ts";

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
const root = fileURLToPath(new URL("../../../", import.meta.url));
const WITHIN_MS = 1_800_000;

export async function playFaults({ only, workers, log }: FaultsRequest): Promise<Figures> {
  const figures = noFigures();
  const rows = faultTable.filter(({ fault }) => only === null || only.test(fault));
  const kinds = [...new Set(rows.flatMap(({ played }) => ("seeds" in played ? [played.seeds] : [])))];
  const seeds = await playSeeds(kinds, workers, log);
  const tests = await runTests([...new Set(rows.flatMap(({ played }) => ("file" in played ? [played.file] : [])))], log);
  for (const row of rows) {
    const found =
      "seeds" in row.played ? ofSeeds(seeds.filter(({ kind }) => "seeds" in row.played && kind === row.played.seeds)) : ofTests(row, tests);
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
function ofTests(row: FaultRow, tests: readonly FoundTest[]): Verdict {
  if (!("file" in row.played)) return { times: 0, wrong: [], by: "" };
  const { file, title } = row.played;
  const own = tests.filter((each) => each.file.endsWith(file) && title.every((words) => each.title.includes(words)));
  const wrong = own.filter(({ passed }) => !passed).map((each) => `${each.title}: ${each.why}`);
  const none = own.length === 0 ? [`no test of ${file} is called ${title.join(" ... ")}`] : [];
  return { times: own.length, wrong: [...none, ...wrong], by: `${String(own.length)} tests of ${file}` };
}
const ofSeeds = (outcomes: readonly SeedOutcome[]): Verdict => ({
  times: outcomes.length,
  wrong: outcomes.flatMap(({ broken }) => broken),
  by: `${String(outcomes.length)} seeds, a fault at each step of a move`,
});

/** One seed of each step of a move. */
async function playSeeds(kinds: readonly FaultKind[], workers: number, log: (line: string) => void): Promise<readonly SeedOutcome[]> {
  const numbers = Array.from({ length: cellsOf("partition") }, (_, index) => index + 1);
  const wanted = numbers.filter((seed) => kinds.includes(faultKinds[(seed - 1) % faultKinds.length] ?? "reply lost"));
  if (wanted.length > 0) log(`${String(wanted.length)} seeds`);
  return overWorkers<SeedTask, SeedOutcome>(
    wanted.map((seed) => ({ seed, fence: "partition" })),
    { program: new URL("../seeds/worker.ts", import.meta.url), workers, withinMs: 180_000, failed: endless },
  );
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
