import { defineConfig } from "vitest/config";

/**
 * Side by side: whole runs on labs, nearly all in memory and on virtual time, need processors and nothing else; what is tried on hosts and on the journal
 * mostly waits. The others have the machine to themselves: they time real servers.
 */
const sideBySide = [
  "{src/drivers,robustness}/{openmldb,dolphindb,cdap,dataphin}/**/*.integration.test.ts",
  "src/{hosts,journal}/**/*.integration.test.ts",
  "lab/**/*.integration.test.ts",
  // Real servers, but nothing about them is timed.
  "src/drivers/postgres/{checks,settings}.integration.test.ts",
  "src/cli/bad-calls.integration.test.ts",
];

/** They change what belongs to the whole process: its directory, its time zone, the systems that it knows. */
const commandLine = ["src/cli/**/*.test.ts"];
const unit = {
  sequence: { groupOrder: 0 },
  include: ["{src,lab,robustness,test,scripts,bench}/**/*.test.ts"],
  testTimeout: 20_000,
  // The default leaves a core free for a person who watches: half the speed on a machine with two.
  maxWorkers: "100%",
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...unit,
          name: "unit",
          exclude: ["**/*.integration.test.ts", ...commandLine],
          // Three hundred files that load the same modules anew take longer than their tests do.
          isolate: false,
        },
      },
      { test: { ...unit, name: "unit: command line", include: commandLine, exclude: ["**/*.integration.test.ts"] } },
      {
        test: {
          name: "labs and hosts",
          sequence: { groupOrder: 1 },
          include: sideBySide,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // One more than the processors of a small machine, for those that wait.
          maxWorkers: 3,
          retry: 1,
        },
      },
      {
        test: {
          name: "integration",
          sequence: { groupOrder: 2 },
          include: ["{src,lab,robustness,test}/**/*.integration.test.ts"],
          exclude: sideBySide,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // Real servers on a machine that others may load: one more try, which the reporter shows.
          retry: 1,
        },
      },
      {
        test: {
          // With packages of their own; `scripts/conformance.ts` installs them.
          name: "conformance",
          sequence: { groupOrder: 3 },
          include: ["conformance/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
