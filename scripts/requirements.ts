// `npm run requirements [-- --json]`: each numbered statement of the vendors' pages with the tests that carry its number in their title and their
// result; writes docs/requirements.md. A number without a passing test is open.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pages, statements, type Statement } from "../requirements/statements.ts";

interface TestResult {
  readonly title: string;
  readonly passed: boolean;
}
interface Row {
  readonly id: string;
  readonly status: "works" | "open" | "deviates";
  readonly tests: readonly string[];
  readonly reason?: string;
}

const numbered = /\[((?:DP|DD|OM|CD|OC)-\d+)\]/g;
const numbersIn = (text: string): readonly string[] => [...text.matchAll(numbered)].map((match) => match[1] ?? "");

function row(statement: Statement, results: readonly TestResult[]): Row {
  const tests = results.filter((result) => numbersIn(result.title).includes(statement.id));
  const titles = tests.map((test) => test.title);
  const failed = tests.filter((test) => !test.passed);
  if (tests.length === 0) return { id: statement.id, status: "open", tests: [], reason: "no test carries this number" };
  if (failed.length > 0) return { id: statement.id, status: "open", tests: titles, reason: `${failed.length} of ${tests.length} tests do not pass` };
  if (statement.deviates !== null) return { id: statement.id, status: "deviates", tests: titles, reason: statement.deviates };
  return { id: statement.id, status: "works", tests: titles };
}

/** Runs only the test files in which a number occurs. */
function runTests(): readonly TestResult[] {
  const files = globSync("{src,lab,robustness,test}/**/*.test.ts").filter((file) => numbersIn(readFileSync(file, "utf8")).length > 0);
  if (files.length === 0) return [];
  const directory = mkdtempSync(join(tmpdir(), "stillwater-requirements-"));
  try {
    const output = join(directory, "results.json");
    const { status, stderr } = spawnSync("vitest", ["run", "--reporter=json", `--outputFile=${output}`, ...files], {
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    });
    // Failing tests are results; no results at all would be a page that says that nothing works.
    if (!existsSync(output)) throw new Error(`vitest ended with ${String(status)} and without results: ${stderr.slice(-2_000)}`);
    const report = JSON.parse(readFileSync(output, "utf8")) as { testResults: { assertionResults: { fullName: string; status: string }[] }[] };
    return report.testResults.flatMap((file) => file.assertionResults.map((test) => ({ title: test.fullName, passed: test.status === "passed" })));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function page(rows: readonly Row[]): string {
  const works = rows.filter((each) => each.status !== "open").length;
  const lines = [
    "# Requirements",
    "",
    "What the vendors' pages say, what Stillwater does about it, and the tests that show it. Written by `npm run requirements`.",
    "",
    `${works} of ${rows.length} statements are covered by a passing test.`,
  ];
  for (const [prefix, title] of Object.entries(pages)) {
    lines.push("", `## ${title}`, "", "| number | the page says | Stillwater | command | status | tests |", "|---|---|---|---|---|---|");
    for (const statement of statements.filter((each) => each.id.startsWith(`${prefix}-`))) {
      const found = rows.find((each) => each.id === statement.id);
      const cells = [
        statement.id,
        statement.says,
        statement.does ?? "",
        statement.command ? `\`${statement.command}\`` : "",
        found?.status ?? "",
        found?.tests.join("<br>") ?? "",
      ];
      lines.push(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const results = runTests();
const known = new Set(statements.map((statement) => statement.id));
const strangers = results.flatMap((result) => numbersIn(result.title)).filter((id) => !known.has(id));
if (strangers.length > 0) throw new Error(`tests carry numbers that do not exist: ${strangers.join(", ")}`);
const rows = statements.map((statement) => row(statement, results));
writeFileSync("docs/requirements.md", page(rows));
spawnSync("oxfmt", ["docs/requirements.md"], { stdio: "inherit" });
if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else
  for (const each of rows)
    console.log(`${each.id.padEnd(6)} ${each.status.padEnd(9)} ${each.tests.length === 0 ? (each.reason ?? "") : each.tests.join("; ")}`);
