// `stillwater lab up|status|down|load|fault`: simulated clusters on this machine. Everything it prints says "lab".
import { exitCodes, StillwaterError } from "../../model/errors.ts";
import { systems } from "../../usecases/registry.ts";
import { labs } from "../../usecases/lab.ts";
import { defineVerb, type Context } from "../context.ts";

interface Options {
  readonly tablets?: number;
  readonly nameservers?: number;
  readonly apiservers?: number;
  readonly taskmanagers?: number;
  readonly partitions?: number;
  readonly hosts?: number;
  readonly controllers?: number;
  readonly dataNodes?: number;
  readonly computeNodes?: number;
  readonly apps?: number;
  readonly programs?: number;
  readonly replicas?: number;
  readonly release?: string;
  readonly seed?: number;
  readonly at?: string;
  readonly scale?: number;
  readonly directory: string;
  readonly remove?: boolean;
  readonly seconds: number;
  readonly rate: number;
}
const number = (text: string): number => Number(text);

export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<action>", "up SYSTEM, status, down, load, or fault KIND ...")
      .argument("[words...]", "what the action needs")
      .option("--directory <dir>", "where the lab lives", "lab")
      .option("--tablets <n>", "up: how many", number)
      .option("--nameservers <n>", "up: how many", number)
      .option("--apiservers <n>", "up: how many", number)
      .option("--taskmanagers <n>", "up: how many", number)
      .option("--partitions <n>", "up: partitions of the largest table", number)
      .option("--hosts <n>", "up: how many", number)
      .option("--controllers <n>", "up: on each of the first so many hosts", number)
      .option("--data-nodes <n>", "up: on each host", number)
      .option("--compute-nodes <n>", "up: on each host", number)
      .option("--apps <n>", "up: applications, at least one of each kind", number)
      .option("--programs <n>", "up: batch pipelines that run", number)
      .option("--replicas <n>", "up: replicas of each partition or chunk", number)
      .option("--release <version>", "up: the release that every node begins with")
      .option("--seed <n>", "up: of what happens by chance", number)
      .option("--at <time>", "up: what the lab's clock shows when it begins, HH:MM (UTC)")
      .option("--scale <factor>", "up: of the vendor's waits and time-outs; 1 is as long as theirs", number)
      .option("--seconds <n>", "load: how long", number, 10)
      .option("--rate <n>", "load: writes a second", number, 100)
      .option("--remove", "down: remove its files, too"),
  examples: [
    ...systems.flatMap(({ system, lab }) => (lab === null ? [] : [`stillwater lab up ${system} ${lab}`])),
    "stillwater lab status",
    "stillwater lab down --remove",
  ],
  exits: ["ok", "failed", "usage"],
  async run(context, [action = "", ...words], options) {
    try {
      return await act(context, action, words, options);
    } catch (error) {
      if (error instanceof StillwaterError) throw error;
      throw new StillwaterError("SW1001", `lab ${action}: ${error instanceof Error ? error.message : String(error)}.`, {
        object: options.directory,
        cause: error,
      });
    }
  },
});

async function act(context: Context, action: string, words: readonly string[], options: Options): Promise<number> {
  const lab = await labs();
  const { directory, remove, seconds, rate, ...wanted } = options;
  const tell = (told: { readonly lines: readonly string[] }): number => {
    const { lines, ...rest } = told;
    context.document({ lab: true, ...rest });
    context.print(lines);
    return exitCodes.ok.code;
  };
  switch (action) {
    case "up":
      return tell(await lab.upAsTyped(words[0] ?? "", wanted, { directory, log: (line) => context.print([line]) }));
    case "status":
      return tell(await lab.status(directory));
    case "down":
      return tell(await lab.down(directory, { remove: remove === true }));
    case "fault":
      return tell(await lab.fault(directory, words));
    case "load": {
      const told = await lab.load(directory, { perSecond: rate }, new Promise((resolve) => setTimeout(resolve, seconds * 1_000)));
      tell(told);
      return told.lost === 0 ? exitCodes.ok.code : exitCodes.failed.code;
    }
    default:
      throw new StillwaterError("SW1001", `lab has no ${JSON.stringify(action)}.`, {
        object: action,
        remedy: "It has: up, status, down, load, fault.",
      });
  }
}
