// `npm test`: the gate of every commit, then what needs real servers, then the README's promises: a short deterministic slice of everything that the
// slow explorations (`npm run robustness`, `npm run bench`) do at length.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["check", ["node", "scripts/check.ts"]],
  ["whole runs on labs, hosts, the journal", ["vitest", "run", "--project", "labs and hosts"]],
  ["integration tests", ["vitest", "run", "--project", "integration"]],
  ["official clients against the labs", ["node", "scripts/conformance.ts"]],
];
for (const [name, [command, ...args]] of steps) {
  const started = performance.now();
  const { status } = spawnSync(command ?? "", args, { stdio: "inherit" });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (status !== 0) process.exit(1);
}
