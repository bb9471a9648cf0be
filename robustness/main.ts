// npm run robustness -- NAME: tries to break Stillwater, and says what was found.
import { figureLines, noFigures, type Figures } from "./harness/figures.ts";
import { optionsOf, type Options } from "./harness/options.ts";

interface Part {
  readonly name: string;
  readonly about: string;
  readonly run: (options: Options, log: (line: string) => void) => Promise<Figures>;
}
const parts: readonly Part[] = [
  {
    name: "crash-matrix postgres",
    about: "kill -9 at every instant of every step of a real upgrade under load, then resume",
    run: async (options, log) => (await import("./postgres/crash-matrix.ts")).crashMatrix(options, log),
  },
  {
    name: "faults",
    about: "everything else that happens to operators: full disks, dead nodes, frozen processes, two at once, bad input, the way back",
    run: async (options, log) => (await import("./faults/play.ts")).faults(options, log),
  },
  {
    name: "mutants",
    about: "every safety rule broken by a patch: an unchanged check must fail, and name the rule",
    run: async (options, log) => (await import("./mutants/main.ts")).tryMutants(options, log),
  },
  {
    name: "matrix",
    about: "six fake systems in memory: a fault at every instant of the real engine, in thousands of runs",
    run: async (options, log) => (await import("./harness/in-memory.ts")).inMemory(options, log),
  },
  {
    name: "openmldb",
    about: "thousands of upgrades of a lab cluster in memory, each with a fault in the middle of a leader move (--seeds, --first, --fence)",
    run: async (options, log) => (await import("./openmldb/parts.ts")).seeds(options, log),
  },
  {
    name: "crash-matrix openmldb",
    about: "the same on a lab cluster in memory: a kill at every instant of a whole upgrade, then resume",
    run: async (options, log) => (await import("./openmldb/parts.ts")).crashMatrix(options, log),
  },
  {
    name: "faults openmldb",
    about: "the table of faults with their required endings, on lab clusters in memory",
    run: async (options, log) => (await import("./openmldb/parts.ts")).faults(options, log),
  },
  {
    name: "dolphindb",
    about: "grayscale upgrades of a lab cluster in memory, each with a fault at one step of a host's turn (--seeds, --first)",
    run: async (options, log) => (await import("./dolphindb/parts.ts")).seeds(options, log),
  },
  {
    name: "crash-matrix dolphindb",
    about: "a kill at every instant of a whole grayscale upgrade, then resume: the same end, every lease put back on every controller",
    run: async (options, log) => (await import("./dolphindb/parts.ts")).crashMatrix(options, log),
  },
  {
    name: "faults dolphindb",
    about: "the table of faults and of the tutorial's harms with their required endings, on lab clusters in memory",
    run: async (options, log) => (await import("./dolphindb/parts.ts")).faults(options, log),
  },
  {
    name: "cdap",
    about:
      "upgrades of CDAP and of its applications in memory while programs run, each with a fault at one step; losses against verdicts (--seeds, --first)",
    run: async (options, log) => (await import("./cdap/parts.ts")).seeds(options, log),
  },
  {
    name: "crash-matrix cdap",
    about: "a kill at every instant of a whole upgrade of CDAP and its applications, then resume: every program started again, once",
    run: async (options, log) => (await import("./cdap/parts.ts")).crashMatrix(options, log),
  },
  {
    name: "dataphin",
    about:
      "upgrades of Dataphin in memory while instances run, in each mode, with a fault at one step: every killed instance run again once (--seeds, --first)",
    run: async (options, log) => (await import("./dataphin/parts.ts")).seeds(options, log),
  },
  {
    name: "crash-matrix dataphin",
    about: "a kill at every instant of a whole upgrade in each mode, then resume: every killed instance run again, once",
    run: async (options, log) => (await import("./dataphin/parts.ts")).crashMatrix(options, log),
  },
  {
    name: "faults dataphin",
    about: "the table of faults and bad input with their required endings, on lab installations in memory",
    run: async (options, log) => (await import("./dataphin/parts.ts")).faults(options, log),
  },
  {
    name: "faults cdap",
    about: "the table of faults and bad input with their required endings, in memory",
    run: async (options, log) => (await import("./cdap/parts.ts")).faults(options, log),
  },
  {
    name: "way-back postgres",
    about: "killed after every step of a real upgrade, aborted and rolled back: every node on the old version again",
    run: async (options, log) => (await import("./faults/play.ts")).wayBackMatrix(options, log),
  },
];

const usage = (): string =>
  [
    "Usage: npm run robustness -- NAME [--json] [--every N] [--seed N] [--only PATTERN] [--workers N]",
    "       npm run robustness -- crash-matrix openmldb --processes",
    "       npm run robustness -- openmldb [--seeds N] [--first N] [--fence partition|tablet|hook|none] [--json] [--workers N]",
    "       npm run robustness -- dolphindb [--seeds N] [--first N] [--json] [--workers N]",
    "       npm run robustness -- cdap [--seeds N] [--first N] [--json] [--workers N]",
    "       npm run robustness -- dataphin [--seeds N] [--first N] [--json] [--workers N]",
    "",
    ...parts.map(({ name, about }) => `  ${name.padEnd(24)} ${about}`),
    `  ${"list".padEnd(24)} this list`,
  ].join("\n");

async function main(): Promise<number> {
  let options: Options;
  try {
    options = optionsOf(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage()}\n`);
    return 2;
  }
  const name = options.names.join(" ");
  if (name === "list") {
    process.stdout.write(options.json ? `${JSON.stringify(parts.map((part) => part.name))}\n` : `${usage()}\n`);
    return 0;
  }
  const part = parts.find((each) => each.name === name);
  if (!part) {
    process.stderr.write(`${name === "" ? "Which part?" : `There is no part called ${JSON.stringify(name)}.`}\n${usage()}\n`);
    return 2;
  }
  // Progress goes to the other stream: with --json standard output is one document.
  const log = (line: string): void => {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  let figures = noFigures();
  try {
    figures = await part.run(options, log);
  } catch (error) {
    figures.broken.push(`the harness itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  process.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : `${part.name}\n${figureLines(figures).join("\n")}\n`);
  return figures.broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
