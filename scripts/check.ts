// The one gate before every commit: format, type-aware lint with the dependency rules, types, unused code, unit and conformance tests.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["format", ["oxfmt", "--check", "."]],
  ["lint", ["oxlint", "--type-aware", "--deny-warnings", "src", "lab", "robustness", "bench", "scripts", "test", "examples"]],
  ["types", ["tsc", "-p", "tsconfig.json"]],
  ["unused code", ["knip"]],
  ["unit and conformance tests", ["vitest", "run", "--project", "unit*"]],
];
for (const [name, [command, ...args]] of steps) {
  const started = performance.now();
  const { status } = spawnSync(command ?? "", args, { stdio: "inherit" });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (status !== 0) process.exit(1);
}
