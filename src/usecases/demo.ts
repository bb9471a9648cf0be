// A tour on a real cluster of this machine, through the same commands that an operator types.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes, StillwaterError } from "../model/errors.ts";
import type { Mode } from "../model/goal.ts";
import type { Report } from "../model/report.ts";
import type { DemoStage } from "../model/demo.ts";
import { loadSystem, systems } from "./registry.ts";

export interface DemoRequest {
  /** Default: the first system that has a demo. */
  readonly system: string | null;
  /** Kill Stillwater in the middle of the run, then resume. */
  readonly killOrchestrator: boolean;
  /** Leave the cluster up. */
  readonly keep: boolean;
  /** Change a setting that needs a restart, instead of the version. */
  readonly config: boolean;
  /** The example of the vendor's page. */
  readonly tutorial: boolean;
  /** Of every plan; null: the one that is chosen by itself. */
  readonly mode: Mode | null;
  /** A line for people; `command` is the command line that is about to run. */
  readonly say: (line: { readonly is: "text" | "command" | "output"; readonly text: string }) => void;
  /** How the child's output reaches people: as it comes, with its colours, or not at all. */
  readonly quiet: boolean;
}
export interface DemoResult {
  readonly reports: readonly Report[];
  /** What the application that ran beside it says of itself. */
  readonly application: {
    readonly acknowledged: number;
    readonly failed: number;
    readonly lost: number;
    readonly longestGapMs: number;
    readonly told?: string;
  };
  readonly killed: boolean;
  readonly directory: string | null;
}

const binary = fileURLToPath(new URL("../../bin/stillwater.mjs", import.meta.url));
/** The step at whose effect the orchestrator is killed in `--kill-orchestrator`: late enough that a switchover has begun, early enough that work is left. */
const KILL_AT_EFFECT = 8;
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function runDemo(request: DemoRequest): Promise<DemoResult> {
  const module = await loadSystem(request.system ?? systems[0]?.system ?? "");
  if (!module.demo) throw new StillwaterError("SW1103", `There is no demo of ${module.title}.`, { object: module.system });
  if (request.tutorial && !module.tutorial)
    throw new StillwaterError("SW1001", `The demo of ${module.title} has no example of the vendor's.`, {
      object: "--tutorial",
      remedy: "Leave --tutorial out.",
    });
  const { say } = request;
  // While it is being built it can only be let come up first: then it is taken down like any other.
  let early = false;
  const tooEarly = (): void => {
    early = true;
    say({ is: "text", text: "Interrupted: what has been started is taken down." });
  };
  for (const signal of endings) process.on(signal, tooEarly);
  const stage = await module.demo({ directory: null, tutorial: request.tutorial, mode: request.mode, log: (text) => say({ is: "text", text }) });
  for (const signal of endings) process.off(signal, tooEarly);
  if (early) {
    await stage.destroy();
    process.exit(130);
  }
  let keep = request.keep;
  let destroyed: Promise<void> | null = null;
  const destroy = (): Promise<void> => (destroyed ??= stage.destroy());
  const interrupted = (): void => {
    keep = false;
    void destroy().finally(() => process.exit(130));
  };
  for (const signal of endings) process.once(signal, interrupted);
  try {
    const load = await stage.startLoad();
    const tour = new Tour(stage, request);
    const killed = await tour.walk();
    const application = await load.stop();
    const reports = await Promise.all(tour.goals.map((_, index) => reportOf(stage.directory, index + 1)));
    if (keep) for (const text of stage.howToPlay()) say({ is: "text", text });
    else say({ is: "text", text: "The cluster is removed, with its journal and its reports; --keep leaves them, to open report.html in a browser." });
    return { reports, application, killed, directory: keep ? stage.directory : null };
  } finally {
    for (const signal of endings) process.off(signal, interrupted);
    if (!keep) await destroy();
  }
}

const reportOf = async (directory: string, run: number): Promise<Report> =>
  JSON.parse(await readFile(join(directory, ".stillwater", "runs", String(run), "report.json"), "utf8")) as Report;

function configured(setting: DemoStage["setting"]): readonly string[] {
  if (setting === null)
    throw new StillwaterError("SW1001", "This demo has no setting to change.", { object: "--config", remedy: "Leave --config out." });
  return ["--set", `${setting.key}=${setting.value}`];
}

/** As somebody types it: to be copied. */
const asTyped = (args: readonly string[]): string =>
  ["stillwater", ...args.map((word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))].join(" ");

class Tour {
  readonly goals: readonly ("version" | "configuration")[];
  readonly #stage: DemoStage;
  readonly #request: DemoRequest;
  constructor(stage: DemoStage, request: DemoRequest) {
    this.#stage = stage;
    this.#request = request;
    this.goals = request.config ? ["configuration"] : (stage.tour ?? ["version"]);
  }

  /** True: the orchestrator was killed on the way and the run resumed. */
  async walk(): Promise<boolean> {
    await this.#command(["inspect"]);
    let killed = false;
    for (const [index, goal] of this.goals.entries()) {
      killed = (await this.#run(goal, index === 0 && this.#request.killOrchestrator)) || killed;
      // The report says what the run saw; this looks once more, with the application still writing: all put back, nothing left over.
      // What cannot be measured is said there (a flag that the server does not tell); only what does not hold ends the tour.
      await this.#command(["verify"], { mayEndWith: [exitCodes.ok.code, exitCodes.notMeasured.code] });
    }
    return killed;
  }

  async #run(wanted: "version" | "configuration", kill: boolean): Promise<boolean> {
    const { artefact, versions, setting, options = {} } = this.#stage;
    const { mode } = this.#request;
    const own = [...(mode === null ? [] : ["--mode", mode]), ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
    const goal = [
      ...(wanted === "configuration" ? configured(setting) : ["--to", versions.to, ...(artefact === null ? [] : ["--artifact", artefact])]),
      ...own,
    ];
    const accepted = await this.#refusedFirst(goal);
    const planned = JSON.parse(await this.#output(["plan", ...goal, ...accepted, "--json"])) as { hash: string };
    const short = planned.hash.slice(0, 8);
    this.#request.say({ is: "command", text: asTyped(["plan", ...goal, ...accepted]) });
    await this.#command(["show", short], { silent: true });
    if (!kill) {
      await this.#toItsEnd(["apply", short, "--yes", short]);
      return false;
    }
    await this.#command(["apply", short, "--yes", short], { failpoint: `inside:${KILL_AT_EFFECT}` });
    this.#request.say({ is: "text", text: "Stillwater was killed with kill -9, in the middle of a step." });
    // A run that stands still has an exit code of its own.
    await this.#command(["status"], { mayEndWith: [exitCodes.ok.code, exitCodes.needsOperator.code] });
    await this.#toItsEnd(["resume"]);
    return true;
  }

  /** A run that waits for somebody to verify its result gets him. */
  async #toItsEnd(command: readonly string[]): Promise<void> {
    const { verify } = this.#stage;
    if (verify === undefined) return this.#command(command);
    await this.#command(command, { mayEndWith: [exitCodes.needsOperator.code] });
    await this.#command(["finish", "--reason", await verify()]);
  }

  /** Where this plan must be refused: shows that it is, and returns the flags with which it is made all the same. */
  async #refusedFirst(goal: readonly string[]): Promise<readonly string[]> {
    const overrides = this.#request.mode === "downtime" ? [] : (this.#stage.overrides ?? []);
    if (overrides.length === 0) return [];
    await this.#command(["plan", ...goal], { mayEndWith: [exitCodes.refused.code] });
    return [...overrides.flatMap(({ code }) => ["--override", code]), "--reason", overrides.map(({ reason }) => reason).join("; ")];
  }

  async #command(
    args: readonly string[],
    how: { readonly silent?: boolean; readonly failpoint?: string; readonly mayEndWith?: readonly number[] } = {},
  ): Promise<void> {
    const failpoint = how.failpoint ?? null;
    if (how.silent !== true) this.#request.say({ is: "command", text: asTyped(args) });
    const { code, signal } = await this.#start(args, failpoint, this.#request.quiet ? "ignore" : "inherit");
    if (failpoint !== null) {
      if (signal !== "SIGKILL")
        throw new StillwaterError("SW9999", "The demo could not kill Stillwater in the middle: the run was over before.", {
          why: [`exit code ${code}`],
        });
      return;
    }
    if (code === null || !(how.mayEndWith ?? [exitCodes.ok.code]).includes(code))
      throw new StillwaterError("SW9999", `\`stillwater ${args.join(" ")}\` ended with exit code ${code ?? signal}.`, {
        object: this.#stage.directory,
      });
  }

  async #output(args: readonly string[]): Promise<string> {
    const { code, stdout } = await this.#start(args, null, "pipe");
    if (code !== 0) throw new StillwaterError("SW9999", `\`stillwater ${args.join(" ")}\` ended with exit code ${code}.`, { why: [stdout] });
    return stdout;
  }

  #start(
    args: readonly string[],
    failpoint: string | null,
    stdout: "inherit" | "ignore" | "pipe",
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly stdout: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(binary, args, {
        cwd: dirname(this.#stage.clusterFile),
        // A group of its own where it is to be killed as a group.
        detached: failpoint !== null,
        stdio: ["ignore", stdout, stdout === "pipe" ? "inherit" : stdout],
        env: { ...process.env, ...(failpoint === null ? {} : { STILLWATER_FAILPOINT: failpoint }) },
      });
      let text = "";
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, stdout: text }));
    });
  }
}
