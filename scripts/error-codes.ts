// Writes docs/error-codes.md from the one table of errors. `--check` writes nothing and fails when the page is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorTable, exitCodes } from "../src/model/errors.ts";

const page = fileURLToPath(new URL("../docs/error-codes.md", import.meta.url));

/** What the first two digits of a code say. A code of a group without a title stops the script. */
const groups: Readonly<Record<string, string>> = {
  SW10: "The call",
  SW11: "The cluster file",
  SW12: "Plans and artefacts",
  SW20: "Claims and runs",
  SW21: "Safety, gates and steps",
  SW30: "Hosts",
  SW40: "The journal",
  SW50: "Continuity",
  SW60: "Systems",
  SW99: "Defects",
};

export function errorCodesPage(): string {
  const codes = Object.entries(errorTable).map(([code, entry]) => ({ code, group: code.slice(0, 4), ...entry }));
  const orphan = codes.find(({ group }) => !Object.hasOwn(groups, group));
  if (orphan !== undefined) throw new Error(`${orphan.code}: give its group ${orphan.group} a title in scripts/error-codes.ts`);
  const sections = Object.entries(groups).flatMap(([group, title]) => {
    const rows = codes.filter((each) => each.group === group);
    if (rows.length === 0) return [];
    return [
      `## ${title}`,
      "",
      ...table(
        ["code", "meaning", "exit code", "what to do"],
        rows.map(({ code, means, exit, remedy }) => [code, means, `${exitCodes[exit].code}`, remedy]),
      ),
      "",
    ];
  });
  return [
    "<!-- Made by scripts/error-codes.ts from src/model/errors.ts: change it there, then run `node scripts/error-codes.ts`. -->",
    "",
    "# Error codes",
    "",
    "Every error has a code that stays the same over releases and is never used again for something else. An error names its object, says why, and",
    "what to do; with `--json` the same is in one document. The exit code tells a script what kind of end it was.",
    "",
    "## Exit codes",
    "",
    ...table(
      ["exit code", "name", "meaning"],
      Object.entries(exitCodes).map(([name, { code, means }]) => [`${code}`, name, means]),
    ),
    "",
    ...sections,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** Columns of equal width, as the formatter wants them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [first = [], ...rest] = cells;
  return [line(first), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest.map(line)];
}

/** True when the page says what the table says. */
export function isCurrent(): boolean {
  try {
    return readFileSync(page, "utf8") === errorCodesPage();
  } catch {
    // No page at all.
    return false;
  }
}

if (import.meta.main) {
  if (!process.argv.includes("--check")) writeFileSync(page, errorCodesPage());
  else if (!isCurrent()) {
    console.error("docs/error-codes.md is stale: run node scripts/error-codes.ts");
    process.exitCode = 1;
  }
}
