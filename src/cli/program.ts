// From an argument vector to a verb and its exit code. Knows no verb's flags.
import { Command, CommanderError } from "commander";
import { exitCodes, StillwaterError, type ExitName } from "../model/errors.ts";
import type { WorkspaceParts } from "../usecases/workspace.ts";
import type { AnyVerb, Context } from "./context.ts";
import type { Io } from "./io.ts";
import { asStillwaterError, errorDocument, errorLines } from "./render/error.ts";
import { labelled } from "./render/text.ts";
import { styleFor } from "./render/style.ts";
import { loadSystem, systems } from "../usecases/registry.ts";
import { verbs, type VerbEntry } from "./verbs.ts";

interface GlobalOptions {
  readonly json?: boolean;
  readonly cluster?: string;
  readonly state?: string;
  readonly version?: boolean;
}

/** Runs one call of the command line and returns its exit code; never throws, never ends the process. `parts`: for tests. */
export async function runProgram(argv: readonly string[], io: Io, parts: Partial<WorkspaceParts> = {}): Promise<number> {
  try {
    return await parseAndRun(argv, io, parts);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageError(thrown, argv) : asStillwaterError(thrown);
    if (argv.includes("--json")) io.out.write(`${JSON.stringify(errorDocument(error))}\n`);
    else io.err.write(`${errorLines(error, styleFor(io.err, io.environment)).join("\n")}\n`);
    return error.exitCode;
  }
}

async function parseAndRun(argv: readonly string[], io: Io, parts: Partial<WorkspaceParts>): Promise<number> {
  const style = styleFor(io.out, io.environment);
  const root = new Command("stillwater")
    .description("Upgrades and reconfigures stateful clusters node by node while they serve,\nand proves that nothing was lost.")
    .usage("[options] VERB ...")
    .option("--cluster <file>", "the cluster file (default: ./cluster.yaml)")
    .option("--state <dir>", "where plans, journal and reports are kept (default: ./.stillwater)")
    .option("--json", "one JSON document on standard output")
    .option("--version", "print the version")
    .helpOption("-h, --help", "show help, also after a verb")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out.write(text), writeErr: () => undefined, getOutHelpWidth: () => style.columns })
    .configureHelp({ showGlobalOptions: true, helpWidth: style.columns, styleTitle: (text) => style.strong(text) })
    .addHelpText("after", () => rootHelp(style.columns));

  let code = 0;
  const wanted = verbOf(argv);
  for (const entry of verbs) {
    const command = root.command(entry.name).summary(entry.summary).helpGroup(`${entry.group}:`);
    if (entry.name !== wanted) continue;
    const verb = await entry.load();
    configure(command, entry, verb, style.columns);
    command.action(async () => {
      // Also behind a verb it is a question, never the verb itself.
      if (root.opts<GlobalOptions>().version === true) io.out.write(`${await ownVersion()}\n`);
      else code = await runVerb({ verb, command, io, parts, style });
    });
  }
  if (!verbs.some(({ name }) => name === wanted) && systems.some(({ system, commands }) => system === wanted && commands))
    await addSystem(root, wanted ?? "", style.columns, async (verb, command) => {
      code = await runVerb({ verb, command, io, parts, style });
    });
  // A call with nothing to do is answered with the help, but is not a success: a script that lost its verb must notice.
  root.action(async () => {
    if (root.opts<GlobalOptions>().version === true) {
      io.out.write(`${await ownVersion()}\n`);
      return;
    }
    const [unknown] = root.args;
    if (unknown !== undefined) throw unknownVerb(unknown);
    if (root.opts<GlobalOptions>().json === true) throw new StillwaterError("SW1001", "No verb was given.", { remedy: "See stillwater --help." });
    io.err.write(root.helpInformation());
    code = exitCodes.usage.code;
  });
  root.allowExcessArguments();
  await root.parseAsync([...argv], { from: "user" });
  return code;
}

/** The commands of a vendor's own tool, below the system's name. */
async function addSystem(root: Command, system: string, columns: number, run: (verb: AnyVerb, command: Command) => Promise<void>): Promise<void> {
  const [{ systemVerbs }, module] = await Promise.all([import("./commands/system.ts"), loadSystem(system)]);
  const group = root.command(system).description(`Commands of the vendor's own tool for ${module.title}, through plan and journal.`);
  for (const { command, verb } of systemVerbs(module)) {
    const made = group.command(command.name).summary(command.summary);
    configure(made, { name: command.name, group: "More", summary: command.summary, load: () => Promise.resolve(verb) }, verb, columns);
    made.action(() => run(verb, made));
  }
  group.action(() => {
    const [unknown = ""] = group.args;
    throw new StillwaterError(
      "SW1001",
      unknown === "" ? `No command of ${system} was given.` : `${system} has no command ${JSON.stringify(unknown)}.`,
      {
        object: unknown,
        remedy: `See stillwater ${system} --help.`,
      },
    );
  });
  group.allowExcessArguments();
}

function configure(command: Command, entry: VerbEntry, verb: AnyVerb, columns: number): void {
  verb.configure(command.description(sentence(entry.summary)));
  if (verb.strangeFlags) command.allowUnknownOption();
  command.addHelpText("after", () => verbHelp(verb, columns));
}
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

async function runVerb(call: {
  readonly verb: AnyVerb;
  readonly command: Command;
  readonly io: Io;
  readonly parts: Partial<WorkspaceParts>;
  readonly style: Context["style"];
}): Promise<number> {
  const { verb, command, io, parts, style } = call;
  const options = command.optsWithGlobals<GlobalOptions>();
  const { openWorkspace } = await import("../usecases/workspace.ts");
  const workspace = openWorkspace({
    ...(options.state === undefined ? {} : { stateDirectory: options.state }),
    ...(options.cluster === undefined ? {} : { clusterFile: options.cluster }),
    parts,
  });
  const json = options.json === true;
  let leaving = false;
  const context: Context = {
    leaveAtOnce: () => {
      leaving = true;
    },
    io,
    json,
    style,
    workspace,
    parts,
    print: (lines) => {
      if (!json && lines.length > 0) io.out.write(`${lines.join("\n")}\n`);
    },
    document: (value) => {
      if (json) io.out.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
  try {
    return await verb.run(context, command.args, command.opts());
  } finally {
    if (!leaving) await workspace.close();
  }
}

/** The first word that is not a flag of every verb or such a flag's value. */
function verbOf(argv: readonly string[]): string | null {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--cluster" || word === "--state") index++;
    else if (!word.startsWith("-")) return word;
  }
  return null;
}

function usageError(error: CommanderError, argv: readonly string[]): StillwaterError {
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const guess = more.find((line) => line.startsWith("(Did you mean"));
  const verb = verbOf(argv);
  const help = verbs.some((entry) => entry.name === verb) ? `stillwater ${verb ?? ""} --help` : "stillwater --help";
  return new StillwaterError("SW1001", sentence(first.replace(/\.$/, "")), {
    remedy: guess === undefined ? `See ${help}.` : `${guess.slice(1, -1)} See ${help}.`,
  });
}

function unknownVerb(name: string): StillwaterError {
  const close = verbs.map((entry) => ({ name: entry.name, far: distance(name, entry.name) })).toSorted((a, b) => a.far - b.far)[0];
  const guess = close !== undefined && close.far <= Math.max(1, Math.floor(name.length / 3)) ? `Did you mean ${close.name}? ` : "";
  return new StillwaterError("SW1001", `There is no verb ${JSON.stringify(name)}.`, { object: name, remedy: `${guess}See stillwater --help.` });
}

/** Letters that were changed, added, left out or swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      (rows[i] ?? [])[j] = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same, swapped);
    }
  }
  return cell(a.length, b.length);
}

const exitLines = (names: readonly ExitName[], columns: number): string =>
  names
    .map((name) => exitCodes[name])
    .toSorted((a, b) => a.code - b.code)
    .flatMap(({ code, means }) => labelled(String(code), means, columns, 3))
    .join("\n");

const verbHelp = (verb: AnyVerb, columns: number): string => `
${verb.examples.length === 1 ? "Example:" : "Examples:"}
${verb.examples.map((example) => `  $ ${example}`).join("\n")}

Exit codes:
${exitLines(verb.exits, columns)}`;

const longest = Math.max(...systems.map(({ system }) => system.length));
const rootHelp = (columns: number): string => `
Systems:
${systems.map(({ system, title, commands }) => `  ${system.padEnd(longest)}  ${title}${commands ? `\n  ${" ".repeat(longest)}  (stillwater ${system} --help: its own commands)` : ""}`).join("\n")}

Example:
  $ stillwater init ${systems[0]?.system ?? "SYSTEM"} db1:5432
  $ stillwater plan --to 17.10 --artifact release-17.10.tar.gz
  $ stillwater apply 7f3a09c1

Exit codes:
${exitLines(Object.keys(exitCodes) as ExitName[], columns)}`;

async function ownVersion(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
