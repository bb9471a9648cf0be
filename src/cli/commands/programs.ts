// `programs list`, `programs stop`, `programs start`: the users' work, through plan, journal and ledger.
import { readFile } from "node:fs/promises";
import { exitCodes, StillwaterError } from "../../model/errors.ts";
import type { Grace, ProgramInput } from "../../model/goal.ts";
import type { Planned } from "../../usecases/plan.ts";
import { answersOfRun, listPrograms, parseInputs, planPrograms, type ProgramAnswer } from "../../usecases/programs.ts";
import { defineVerb, type Context } from "../context.ts";
import { keyValue, overridesOf, repeated } from "../flags.ts";
import { carryOutEarlier } from "../live/carry-out.ts";
import { factTableLines } from "../render/nodes.ts";
import { clean } from "../render/text.ts";
import { carryOutOrShow, runExits } from "./maintenance.ts";

interface Options {
  readonly all?: boolean;
  readonly namespace?: string;
  readonly app?: string;
  readonly appVersion?: string;
  readonly program?: string;
  readonly run?: string;
  readonly file?: string;
  readonly graceful?: string | true;
  readonly argument?: Readonly<Record<string, string>>;
  readonly yes?: string;
  readonly override?: readonly string[];
  readonly reason?: string;
}
const actions = ["list", "stop", "start"] as const;
const usage = (what: string, remedy: string, object = ""): StillwaterError => new StillwaterError("SW1001", what, { object, remedy });

export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<action>", "list, stop or start")
      .option("--all", "every program of all namespaces")
      .option("--namespace <name>", "of this namespace (of an application: default)")
      .option("--app <name>", "of this application")
      .option("--app-version <version>", "stop: only runs of this version of it")
      .option("--program <type/name>", "this program: TYPE one of mapreduce, services, spark, workers, workflows")
      .option("--run <id>", "stop: only this run of the program")
      .option("--file <json>", "a list of programs in the shape of the platform's batch call; an answer for each element")
      .option("--graceful [seconds]", "stop: never by force, or after so many seconds (default: as the server does)")
      .option("--argument <key=value>", "start: a runtime argument (repeat for more)", keyValue)
      .option("--yes <hash>", "carry out the plan that an earlier call printed, without being asked")
      .option("--override <code>", "accept a blocker by its code (repeat for more)", repeated)
      .option("--reason <text>", "why the override is right; kept with your name"),
  examples: [
    "stillwater programs list --app orders",
    "stillwater programs stop --app orders --program spark/Ingest --graceful=120",
    "stillwater programs stop --file programs.json --json",
    "stillwater programs start",
  ],
  exits: runExits,
  async run(context, [action], options) {
    const wanted = actions.find((each) => each === action);
    if (wanted === undefined)
      throw usage(`${JSON.stringify(action ?? "")} is none of ${actions.join(", ")}.`, "See stillwater programs --help.", action);
    if (wanted === "list") return listed(context, options);
    const answering = answers(context);
    if (options.yes !== undefined)
      return answering((inner) =>
        carryOutEarlier(inner, options.yes ?? "", {
          name: `programs ${wanted}`,
          makes: ({ goal }) => goal.maintenance?.is === `${wanted}-programs`,
          probe: () => false,
        }),
      );
    const overrides = overridesOf(options.override, options.reason);
    const inputs = await inputsOf(options, wanted);
    const planned: Planned = await planPrograms(
      context.workspace,
      wanted === "stop" ? { is: "stop", inputs, grace: graceOf(options.graceful), overrides } : { is: "start", inputs, overrides },
    );
    return answering((inner) => carryOutOrShow(inner, planned, false));
  },
});

async function listed(context: Context, { namespace, app, program, run }: Options): Promise<number> {
  const [type, name] = program === undefined ? [] : programOf(program);
  const words = [namespace === undefined || app === undefined ? app : `${namespace}.${app}`, type, name, run].filter((word) => word !== undefined);
  const table = await listPrograms(context.workspace, words);
  const rows =
    namespace === undefined || app !== undefined
      ? table.rows
      : table.rows.filter(({ cells }) => cells.some((cell) => cell.startsWith(`${namespace}.`)));
  context.document({ runs: rows.map(({ cells }) => Object.fromEntries(table.columns.map((column, index) => [column, cells[index] ?? ""]))) });
  const none = words.length === 0 && namespace === undefined ? "nothing runs" : "nothing of that name runs";
  context.print(rows.length === 0 ? [none] : factTableLines([{ ...table, rows }], context.style, () => true));
  return exitCodes.ok.code;
}

async function inputsOf(options: Options, action: "stop" | "start"): Promise<readonly ProgramInput[]> {
  const { all, namespace, app, appVersion, program, run, file, argument } = options;
  if (file !== undefined) {
    if (all === true || app !== undefined || program !== undefined || run !== undefined)
      throw usage("--file names the programs alone.", "Leave the other flags out.", "--file");
    try {
      return parseInputs(await readFile(file, "utf8"), file);
    } catch (error) {
      if (error instanceof StillwaterError) throw error;
      throw usage(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, "Check the path.", file);
    }
  }
  if (all === true) {
    if (app !== undefined || program !== undefined || run !== undefined)
      throw usage("--all is everything.", "Leave --app, --program and --run out, or --all.", "--all");
    if (action === "start")
      throw usage("There is no start of everything.", "`stillwater programs start` alone starts what the last stop has stopped.", "--all");
    return [namespace === undefined ? {} : { namespace }];
  }
  if (app === undefined) {
    if (program !== undefined || run !== undefined || appVersion !== undefined)
      throw usage("A program is named with its application.", "Add --app NAME.", "--program");
    return namespace === undefined ? [] : [{ namespace }];
  }
  if (run !== undefined && program === undefined) throw usage("A run is named with its program.", "Add --program TYPE/NAME.", "--run");
  const [type, name] = program === undefined ? [] : programOf(program);
  return [
    {
      ...(namespace === undefined ? {} : { namespace }),
      appId: app,
      ...(appVersion === undefined ? {} : { appVersion }),
      ...(type === undefined || name === undefined ? {} : { programType: type, programId: name }),
      ...(run === undefined ? {} : { runId: run }),
      ...(argument === undefined ? {} : { runtimeargs: argument }),
    },
  ];
}
function programOf(text: string): readonly [string, string] {
  const cut = text.indexOf("/");
  if (cut <= 0 || cut === text.length - 1)
    throw usage(`${JSON.stringify(text)} is not TYPE/NAME.`, "For example --program spark/Ingest.", "--program");
  return [text.slice(0, cut), text.slice(cut + 1)];
}
function graceOf(given: string | true | undefined): Grace {
  if (given === undefined) return "server";
  if (given === true) return "never";
  if (!/^\d{1,7}$/.test(given))
    throw usage(`${JSON.stringify(given)} is not a number of seconds.`, "--graceful alone never ends a run by force.", "--graceful");
  return Number(given);
}

/** The run's end as of any run, and the answers: in the document one for each element of the input, on the screen one line for each run. */
const answers =
  (context: Context) =>
  async (work: (inner: Context) => Promise<number>): Promise<number> => {
    let told: unknown = null;
    const code = await work({ ...context, document: (value) => void (told = value) });
    const run = told !== null && typeof told === "object" && "run" in told && typeof told.run === "number" ? told.run : null;
    const programs = run === null ? [] : await answersOfRun(context.workspace, run);
    context.document(run === null ? told : { ...(told as object), programs });
    if (run !== null) context.print(["", ...programs.flatMap(answerLines)]);
    return code;
  };
function answerLines({ input, statusCode, error, runs }: ProgramAnswer): readonly string[] {
  const head = `${String(statusCode)}  ${clean(JSON.stringify(input))}${error === undefined ? "" : `  ${clean(error)}`}`;
  return [
    head,
    ...runs.map(
      ({ program, runId, endState, seconds }) =>
        `     ${clean(program ?? "")} ${clean(runId)}  ${clean(endState)}${seconds === null ? "" : ` after ${String(seconds)} s`}`,
    ),
  ];
}
