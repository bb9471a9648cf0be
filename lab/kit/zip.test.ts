import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { zipOf } from "./zip.ts";

it("the system's unzip takes it, with contents and modes", () => {
  const directory = mkdtempSync(join(tmpdir(), "lab-zip-"));
  try {
    const long = "0123456789".repeat(10_000);
    const archive = zipOf([
      { path: "server/dolphindb", content: Buffer.from(long), mode: 0o755 },
      { path: "server/grün/empty", content: new Uint8Array(), mode: 0o644 },
    ]);
    writeFileSync(join(directory, "a.zip"), archive);
    expect(archive.length).toBeLessThan(long.length / 10);
    execFileSync("unzip", ["-q", "a.zip"], { cwd: directory });
    expect(readFileSync(join(directory, "server/dolphindb"), "utf8")).toBe(long);
    expect(statSync(join(directory, "server/dolphindb")).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(directory, "server/grün/empty"), "utf8")).toBe("");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
