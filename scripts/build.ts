// The package as it is published: Node does not strip types below node_modules, so what is installed is compiled.
import { spawnSync } from "node:child_process";
import { cpSync, globSync, rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(1);
// What the sources read at run time beside themselves, at the same places relative to them.
for (const file of [...globSync("{src,lab}/**/*.{sh,json}"), "package.json", ...globSync("bin/*")]) cpSync(file, `dist/${file}`);
