import { defineConfig } from "vitest/config";

/** Whole runs on labs, nearly all of them in memory and on virtual time: they need processors and nothing else, and do not mind each other. */
const onLabs = ["{src/drivers,robustness}/{openmldb,dolphindb}/**/*.integration.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{src,lab,robustness,test,scripts}/**/*.test.ts"],
          exclude: ["**/*.integration.test.ts"],
          testTimeout: 20_000,
          // The default leaves a core free for a person who watches: half the speed on a machine with two.
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "labs",
          include: onLabs,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: "100%",
          retry: 1,
        },
      },
      {
        test: {
          name: "integration",
          include: ["{src,lab,robustness,test}/**/*.integration.test.ts"],
          exclude: onLabs,
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
          include: ["conformance/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
