import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { quarryModule } from "../cli/testing/quarry.fixture.ts";
import type { SystemModule } from "../model/driver.ts";
import { checkSdk } from "./sdk.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
function application(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "stillwater-sdk-"));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text, { mode: 0o640 });
  }
  return directory;
}
const module: SystemModule = {
  ...quarryModule,
  sdk: () =>
    Promise.resolve({
      reads: (name) => name === "stones.txt",
      check: ({ name, text }, wanted) => {
        const found = /quarry==(\S+)/.exec(text)?.[1] ?? null;
        const verdict = found === wanted ? "current" : "behind";
        return {
          findings: [{ file: name, line: 1, artefact: "quarry", found, wanted, verdict, what: "" }],
          edited: verdict === "behind" ? text.replace(/quarry==\S+/, `quarry==${wanted}`) : null,
        };
      },
    }),
};

test("reads every file below the directory but those of others, and writes only when it is told to", async () => {
  const directory = application({
    "a/stones.txt": "x quarry==1\r\n",
    "stones.txt": "quarry==2\n",
    "node_modules/b/stones.txt": "quarry==1",
    "other.txt": "",
  });
  const seen = await checkSdk({ module, directory, version: "2", write: false });
  expect(seen.findings.map(({ file, verdict }) => [file, verdict])).toEqual([
    ["a/stones.txt", "behind"],
    ["stones.txt", "current"],
  ]);
  expect(seen.edits).toEqual([{ file: "a/stones.txt", written: false }]);
  expect(readFileSync(join(directory, "a/stones.txt"), "utf8")).toBe("x quarry==1\r\n");
  await checkSdk({ module, directory, version: "2", write: true });
  expect(readFileSync(join(directory, "a/stones.txt"), "utf8")).toBe("x quarry==2\r\n");
  expect(statSync(join(directory, "a/stones.txt")).mode & 0o777).toBe(0o640);
});

test("a system without an SDK and a directory that is not there are usage errors", async () => {
  await expect(checkSdk({ module: quarryModule, directory: "/", version: "2", write: false })).rejects.toMatchObject({ code: "SW1001" });
  await expect(checkSdk({ module, directory: "/no/such/place", version: "2", write: false })).rejects.toMatchObject({ code: "SW1001" });
});
