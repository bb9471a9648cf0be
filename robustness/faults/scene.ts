// What a scenario works with: a cluster that was put back, and expectations that are collected instead of thrown, so that one run tells everything.
import { setTimeout as delay } from "node:timers/promises";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLoad, type Load } from "../../src/drivers/postgres/demo/load.ts";
import type { DemoNode } from "../../src/drivers/postgres/demo/demo-cluster.ts";
import { inWords, type Ended } from "../harness/stillwater.ts";
import { until } from "../harness/until.ts";
import { kindOf } from "../postgres/instants.ts";
import { judge, type Allowed } from "../postgres/judge.ts";
import type { BaseRun } from "../postgres/crash-matrix.ts";
import type { Stand, StandOptions } from "../postgres/stand.ts";
import { journalOf, type JournalLine, type StepLine } from "../validators/journal.ts";
import { comparable, type ClusterState } from "../validators/postgres-state.ts";

export const command = promisify(execFile);

export interface Scenario {
  readonly name: string;
  /** How the fault is counted. */
  readonly kind: string;
  /** Another cluster than the usual one (three nodes, asynchronous). */
  readonly cluster?: StandOptions;
  /** The release lies on the hosts already. Default: yes. */
  readonly staged?: boolean;
  /** Why it cannot be tried on this machine; null: it can. */
  readonly cannot?: () => string | null;
  readonly play: (scene: Scene) => Promise<void>;
}

export const needsRoot = (): string | null => (process.getuid?.() === 0 ? null : "small file systems can only be mounted by root");

export class Scene {
  readonly stand: Stand;
  /** The end of an undisturbed run. */
  readonly base: ClusterState;
  readonly #steps: readonly StepLine[];
  /** What was not as it should be. */
  readonly wrong: string[] = [];
  lost = 0;
  leftovers = 0;
  restarts = 0;
  actions = 0;
  #load: Load | null = null;

  constructor(stand: Stand, base: BaseRun) {
    this.stand = stand;
    this.base = base.state;
    this.#steps = base.steps;
  }

  /** Where a run kills itself right after that step is done: the same moment every time. */
  after(step: string): { readonly failpoint: string } {
    const ended = this.#steps.find((each) => kindOf(each.step) === kindOf(step))?.ended;
    if (ended === undefined) throw new Error(`the undisturbed run has no step ${step}`);
    return { failpoint: `after-succeeded:${ended}` };
  }

  node(name: string): DemoNode {
    return this.stand.cluster.node(name);
  }
  async load(rate = 100): Promise<Load> {
    return (this.#load = await startLoad(this.stand.cluster, { rate }));
  }
  /** On every path: a load that nobody stops writes for ever. */
  end(): void {
    this.#load?.kill();
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.wrong.push(what);
  }
  /** The exit code, and words that must stand in what was said. */
  expectExit(what: string, ended: Ended, code: number | readonly number[], ...words: readonly string[]): void {
    const codes = typeof code === "number" ? [code] : code;
    this.expect(ended.code !== null && codes.includes(ended.code), `${what}: wanted exit ${codes.join(" or ")}: ${inWords(ended)}`);
    const said = ended.stdout + ended.stderr;
    for (const word of words) this.expect(said.includes(word), `${what}: does not say ${JSON.stringify(word)}: ${inWords(ended)}`);
  }
  expectSame(what: string, now: ClusterState, before: ClusterState): void {
    this.expect(untouched(now) === untouched(before), `${what}: something was changed: ${untouched(before)} became ${untouched(now)}`);
    for (const left of now.leftovers) this.expect(false, `${what}: left: ${left}`);
  }
  /** Runs to its end as without the fault: ends the load and judges. */
  async expectEnd(what: string, allowed: Allowed = {}, base: ClusterState = this.base): Promise<void> {
    const lost = this.#load === null ? [] : (await this.#load.stop()).lost;
    this.#load = null;
    const verdict = judge({ state: await this.stand.state(), lost, report: await this.stand.report(await this.lastRun()) }, base, allowed);
    this.wrong.push(...verdict.broken.map((each) => `${what}: ${each}`));
    this.lost += verdict.lost;
    this.leftovers += verdict.leftovers;
    this.restarts += verdict.restarts;
    this.actions += verdict.actions;
  }

  journal(run = 1): readonly JournalLine[] {
    try {
      return journalOf(this.stand.stateDirectory, run);
    } catch {
      return []; // not there yet
    }
  }
  async lastRun(): Promise<number> {
    const runs = await readdir(join(this.stand.stateDirectory, "runs")).catch(() => []);
    return Math.max(1, ...runs.map(Number));
  }
  /** Waits until the journal holds such an event. */
  async reached(is: string, step: string | RegExp | null, withinMs = 90_000, run = 1): Promise<JournalLine> {
    const matches = (name: unknown): boolean =>
      step === null || (typeof name === "string" && (typeof step === "string" ? name === step : step.test(name)));
    return until(`${is} ${String(step)}`, withinMs, () => this.journal(run).find(({ event }) => event.is === is && matches(event["step"])) ?? null);
  }
  count(is: string, run = 1): number {
    return this.journal(run).filter(({ event }) => event.is === is).length;
  }
  /** The journal stands still for so long: nothing more was begun. */
  async expectStandstill(what: string, ms: number): Promise<void> {
    const before = this.count("acting");
    await delay(ms);
    this.expect(this.count("acting") === before, `${what}: ${this.count("acting") - before} more acts were begun`);
  }

  async sql(node: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { Client } = await import("pg");
    const client = new Client(this.stand.cluster.connection(node));
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }
}

/** What "nothing was changed" compares: the servers were not even restarted. */
export function untouched(state: ClusterState): string {
  const nodes = Object.entries(state.nodes).map(([name, { starts, stops, promotions, inRecovery, timeline }]) => [
    name,
    starts,
    stops,
    promotions,
    inRecovery,
    timeline,
  ]);
  return `${comparable(state)} ${JSON.stringify(nodes)}`;
}
export { delay, until };
