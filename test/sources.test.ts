// `facts 5.2` in a plan, a check or a comment is a section of docs/sources.md: whoever reads it must find it there.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const word = String.raw`(?:\d+(?:\.\d+)*|[SD]\d+[a-z]?)`;
const named = new RegExp(String.raw`\bfacts (${word}(?:(?:,| and| to|;(?= \d+\.\d))? ${word})*)`, "gi");

/** `facts 2.2 D3a, 3.2` names the sections `2.2` and `3.2` and the row `D3a`; `facts 1.1 to 1.3` names three sections. */
const namesIn = (text: string): readonly string[] =>
  [...text.replace(/\s*\n\s*(?:\/\/|\*)?\s*/g, " ").matchAll(named)].flatMap(([, list = ""]) =>
    list
      .replaceAll(" to ", "-")
      .split(/[,;]? (?:and )?/)
      .flatMap((item) => {
        const [, chapter, from, to] = /^(\d+)\.(\d+)-\1\.(\d+)$/.exec(item) ?? [];
        if (chapter === undefined) return item.split("-");
        return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => `${chapter}.${String(Number(from) + index)}`);
      }),
  );

/** Cells of the table below a system's heading. */
const rowsOf = (system: string): readonly (readonly string[])[] => {
  const part = readFileSync("docs/sources.md", "utf8")
    .split("\n## ")
    .find((text) => text.startsWith(`${system}\n`));
  return [...(part ?? "").matchAll(/^\| (\d.*) \|$/gm)].map(([, cells = ""]) => cells.split(" | ").map((cell) => cell.trim()));
};

describe("docs/sources.md", () => {
  it("names are found in lists, in ranges and over the end of a line", () => {
    expect(namesIn('"facts 2.2 D3a, D3b, 3.2; DP-11", Facts 0.4 and 4.2')).toEqual(["2.2", "D3a", "D3b", "3.2", "0.4", "4.2"]);
    expect(namesIn("// (facts 1.1 to 1.3,\n  // 5; 2 of them), facts 7; 8.1 too, facts D3 to D7")).toEqual([
      "1.1",
      "1.2",
      "1.3",
      "5",
      "7",
      "8.1",
      "D3",
      "D7",
    ]);
  });

  it.each(["OpenMLDB", "DolphinDB", "CDAP", "Dataphin"])(
    "%s: every section that its code names is there, once, with what it says and its origin",
    (system) => {
      const rows = rowsOf(system);
      const sections = rows.map(([section = ""]) => section);
      expect(sections).toEqual([...new Set(sections)]);
      for (const row of rows)
        expect(
          row.map((cell) => cell !== ""),
          row[0],
        ).toEqual([true, true, true]);

      // A row is `2.2 D3a`; `D3` stands for D3a, D3b and D3c.
      const known = new Set(sections.flatMap((section) => [section, section.split(" ")[1] ?? "", /[SD]\d+/.exec(section)?.[0] ?? ""]));
      const missing = globSync(`{src/drivers,lab,robustness}/${system.toLowerCase()}/**/*.ts`).flatMap((file) =>
        namesIn(readFileSync(file, "utf8"))
          .filter((name) => !known.has(name))
          .map((name) => `${file}: ${name}`),
      );
      expect(missing).toEqual([]);
    },
  );
});
