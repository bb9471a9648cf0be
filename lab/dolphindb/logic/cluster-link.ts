import { NoReply } from "../../kit/network.ts";
import { controllerSites, type NodeRow, type Site } from "./cluster-files.ts";
import type { BeatReply, NotLeading } from "./controller/controller.ts";
import type { Beat } from "./controller/members.ts";
import type { User } from "./controller/metadata.ts";
import { ServerError } from "./node.ts";
import type { NodeProcess } from "./process.ts";

export interface Reporter {
  beat(): Beat;
  /** The leader wants to know all chunks. */
  report(leader: string): void;
  /** Another controller leads, or leads again. */
  leaderChanged(): void;
}
/** Real milliseconds. */
const HEARTBEAT_MS = 1_000;
const ROUND_MS = 300;
const PATIENCE_MS = 30_000;
const SILENCE_MS = 20_000;

/** An agent's or data node's way to the controller that leads: heartbeats, and what it learns from their answers. */
export class ClusterLink {
  readonly #process: NodeProcess;
  readonly #reporter: Reporter;
  readonly #controllers: readonly Site[];
  #leader: string | null = null;
  #leaderAlias: string | null = null;
  #topology = -1;
  #rows: readonly NodeRow[] = [];
  #users: readonly User[] = [];
  #isLeaving = false;
  #heardAt: number;

  constructor(process: NodeProcess, reporter: Reporter) {
    this.#process = process;
    this.#reporter = reporter;
    this.#controllers = controllerSites(process.component.settings);
    this.#heardAt = process.clock.now();
  }

  /** Error when the configuration names no controller. */
  start(): void {
    if (this.#controllers.length === 0) throw new ServerError("The configuration names no controller: controllerSite and sites are wrong.");
    const beat = (): void => {
      if (this.#isLeaving) return;
      void this.#beat();
      this.#process.clock.after(this.#process.scaled(HEARTBEAT_MS), beat);
    };
    beat();
  }
  /** Something has changed that the leader should know at once. */
  tell(): void {
    if (!this.#isLeaving) void this.#beat();
  }
  /** No more heartbeats; the leader is told, where the release does that. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    if (this.#process.behaviour.forgetsGoodbye || this.#leader === null) return;
    const { alias, boot } = this.#process;
    await this.#process.ask(this.#leader, "goodbye", { alias, boot }).catch(() => {});
  }

  /** Alias; null: none is known, or it was not heard for long. */
  get leaderAlias(): string | null {
    return this.#process.clock.now() - this.#heardAt > this.#process.scaled(SILENCE_MS) ? null : this.#leaderAlias;
  }
  get leaderEndpoint(): string | null {
    return this.#leader;
  }
  get rows(): readonly NodeRow[] {
    return this.#rows;
  }
  get users(): readonly User[] {
    return this.#users;
  }
  endpointOf(alias: string): string | null {
    return (
      this.#rows.find((row) => row.alias === alias)?.endpoint ?? this.#controllers.find((controller) => controller.alias === alias)?.endpoint ?? null
    );
  }

  /** To whoever leads, as long as one can be found in time. Error ServerError: what the leader said, or `<ControllerNotAvail>`. */
  async ask<Answer>(path: string, body: unknown, patienceMs: number = this.#process.scaled(PATIENCE_MS)): Promise<Answer> {
    const deadline = this.#process.clock.now() + patienceMs;
    let next = 0;
    for (;;) {
      const target = this.#leader ?? this.#controllers[next++ % this.#controllers.length]?.endpoint;
      if (target === undefined) throw new ServerError("<ControllerNotAvail>The configuration names no controller.");
      try {
        return await this.#process.ask<Answer>(target, path, body);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const isAnswer = error instanceof ServerError;
        if (!isAnswer && !(error instanceof NoReply)) throw error;
        const other = /^<NotLeader>([^:]+:\d+):/.exec(message)?.[1] ?? null;
        if (isAnswer && other === null && !message.startsWith("<ControllerNotReady>")) throw error;
        this.#leader = other;
        if (this.#process.clock.now() >= deadline)
          throw isAnswer ? error : new ServerError("<ControllerNotAvail>No controller of the cluster answers.");
      }
      await this.#process.sleep(this.#process.scaled(ROUND_MS));
    }
  }

  async #beat(): Promise<void> {
    const targets = this.#leader === null ? this.#controllers.map(({ endpoint }) => endpoint) : [this.#leader];
    for (const target of targets) {
      try {
        const reply = await this.#process.ask<BeatReply | NotLeading>(target, "heartbeat", { ...this.#reporter.beat(), topology: this.#topology });
        if (this.#isLeaving) return;
        if ("notLeader" in reply) {
          this.#leader = reply.notLeader;
          continue;
        }
        this.#heard(target, reply);
        return;
      } catch (error) {
        if (!(error instanceof NoReply) && !(error instanceof ServerError)) throw error;
        if (this.#leader === target) this.#leader = null;
      }
    }
  }
  #heard(target: string, reply: BeatReply): void {
    this.#heardAt = this.#process.clock.now();
    this.#leader = target;
    this.#leaderAlias = reply.leader;
    if (reply.rows !== null) this.#rows = reply.rows;
    if (reply.users !== null) this.#users = reply.users;
    if (this.#topology !== reply.topology) {
      this.#topology = reply.topology;
      this.#reporter.leaderChanged();
    }
    if (reply.report && !this.#process.faults.has("withhold-report")) this.#reporter.report(target);
  }
}
