// Official clients against the labs. Each folder of conformance/ has packages of its own, so that neither who uses Stillwater nor who develops another part
// of it pays for them; they are installed here when they are missing or the lock file has changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const run = (what: string, command: string, args: readonly string[], cwd = "."): void => {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status === 0) return;
  console.error(`FAILED ${what}: ${[command, ...args].join(" ")} in ${cwd}`);
  process.exit(1);
};

for (const lock of globSync("conformance/*/package-lock.json").sort()) {
  const folder = dirname(lock);
  const stamp = join(folder, "node_modules/.installed");
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (readOrEmpty(stamp) !== wanted) {
    console.log(`installing the official client in ${folder}`);
    run(`the official client of ${folder} cannot be installed`, "npm", ["ci", "--ignore-scripts", "--no-audit", "--prefer-offline"], folder);
    writeFileSync(stamp, wanted);
  }
  run("types", "tsc", ["-p", folder]);
}
// The clients print what they do.
run("conformance", "vitest", ["run", "--project", "conformance", "--silent=passed-only"]);

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
