import { parseClusterNodes, parseSettings, type NodeRow, type Site } from "../cluster-files.ts";
import { ServerError } from "../node.ts";
import { needFunctions } from "../plugins.ts";
import type { NodeProcess } from "../process.ts";
import { checkStart, orExit, type Checked } from "../start-checks.ts";
import { RaftDamaged } from "../raft/raft-files.ts";
import { Raft } from "../raft/raft.ts";
import { ChunkMap } from "./chunk-map.ts";
import { ensureKeys, writeSideFiles } from "./controller-files.ts";
import { Metadata, type Command } from "./metadata.ts";
import { Members, type Beat, type Member } from "./members.ts";
import { NodeControl } from "./node-control.ts";
import { Recovery } from "./recovery.ts";
import { Replication } from "./replication.ts";
import { seedChunks, type SeedRequest } from "./seed.ts";
import { catalogOf, type CatalogRequest } from "./catalog.ts";
import { Transactions, type BeginRequest, type CommitRequest } from "./transactions.ts";

/** What the leading controller answers a heartbeat. */
export interface BeatReply {
  readonly leader: string;
  /** It wants to know all chunks of the node. */
  readonly report: boolean;
  /** Changes with rows and settings; the rows come only when the asker has others. */
  readonly topology: number;
  readonly rows: readonly NodeRow[] | null;
  readonly users: readonly { readonly name: string; readonly digest: string; readonly isAdmin: boolean }[] | null;
}
export interface NotLeading {
  readonly notLeader: string | null;
}
export interface ReportRequest {
  readonly alias: string;
  readonly boot: string;
  /** Id, version, 1 for corrupted. */
  readonly chunks: readonly (readonly [string, number, number])[];
  /** Transactions whose end it did not hear of. */
  readonly pending: readonly number[];
}

/** Real milliseconds. */
const TICK_MS = 500;
const HEARTBEAT_TIMEOUT_S = 8;
const TRANSACTION_WAIT_MS = 10_000;

/** A controller (facts 1.5, 5.2, 5.3): Raft, and while it leads the members, the chunk map, transactions and recovery. */
export class Controller {
  readonly process: NodeProcess;
  readonly metadata: Metadata;
  readonly raft: Raft<Command>;
  readonly map: ChunkMap;
  readonly members: Members;
  readonly transactions: Transactions;
  readonly recovery: Recovery;
  readonly replication: Replication;
  readonly nodes: NodeControl;
  #files: { readonly rows: readonly NodeRow[]; readonly settings: Readonly<Record<string, string>> } = { rows: [], settings: {} };
  checked: Checked | null = null;
  #topology = 0;
  #ledSince = 0;
  #isInitialised = false;

  constructor(process: NodeProcess) {
    this.process = process;
    this.metadata = new Metadata((ids) => {
      this.#dropped(ids);
    });
    this.map = new ChunkMap(this.metadata);
    this.members = new Members(process, () => this.rows(), {
      wentOnline: () => {},
      wentOffline: (member) => {
        this.#wentOffline(member);
      },
    });
    this.nodes = new NodeControl({
      process,
      members: this.members,
      rows: () => this.rows(),
      controllers: () => this.controllers(),
      clusterSettings: () => this.clusterSettings(),
    });
    const shared = {
      process,
      metadata: this.metadata,
      members: this.members,
      map: this.map,
      replicationFactor: () => this.replicationFactor,
      reliabilityLevel: () => process.number("dfsReplicaReliabilityLevel", 0),
    };
    this.raft = new Raft(
      process,
      () => this.controllers(),
      {
        apply: (command) => {
          this.metadata.apply(command);
          writeSideFiles(process, command);
          if (command.do === "own-nodes" || command.do === "own-settings" || command.do === "set-user" || command.do === "drop-user")
            this.#topology += 1;
        },
        state: () => this.metadata.state(),
        install: (state) => {
          this.metadata.install(state);
          this.#topology += 1;
        },
        size: () => this.metadata.size(),
      },
      {
        leads: () => {
          this.#leads();
        },
        follows: () => {
          this.#isInitialised = false;
          this.recovery.clear();
          process.log("INFO", "<Raft> this controller is a follower now");
        },
      },
    );
    this.recovery = new Recovery(shared);
    this.replication = new Replication({ ...shared, recovery: this.recovery });
    this.transactions = new Transactions({ ...shared, propose: (command) => this.raft.propose(command), sid: () => String(this.raft.term) });
  }

  get replicationFactor(): number {
    return this.process.number("dfsReplicationFactor", 2);
  }
  get isRaft(): boolean {
    return this.process.setting("dfsHAMode", "") === "Raft";
  }
  get isInitialised(): boolean {
    return this.raft.leads && this.#isInitialised;
  }
  /** The Raft group's, or those of the files before the first start. */
  rows(): readonly NodeRow[] {
    return this.metadata.nodes ?? this.#files.rows;
  }
  clusterSettings(): Readonly<Record<string, string>> {
    return this.metadata.settings ?? this.#files.settings;
  }
  controllers(): readonly Site[] {
    const rows = this.rows().filter(({ role }) => role === "controller");
    return this.isRaft ? rows : rows.filter(({ alias }) => alias === this.process.alias);
  }
  /** Null: unknown. */
  leader(): Site | null {
    return this.controllers().find(({ alias }) => alias === this.raft.leader) ?? null;
  }
  /** Error with the tag that sends clients to the leader. */
  needLeadership(): void {
    if (this.raft.leads) return;
    const leader = this.leader();
    if (leader === null || leader.alias === this.process.alias) throw new ServerError("<ControllerNotReady>The controllers have no leader now.");
    throw new ServerError(`<NotLeader>${leader.endpoint}:${leader.alias}`);
  }

  start(): Promise<void> {
    const { process } = this;
    return orExit(process, async () => {
      this.#readFiles();
      this.checked = checkStart(process);
      if (!(await process.listen())) return;
      await process.sleep(process.component.durations.listen);
      // A pair of keys that do not belong together: it waits for its peers for ever (facts 5.3).
      if (!ensureKeys(process)) return;
      this.#handlers();
      const found = this.#loadRaft();
      for (const body of this.metadata.views.values()) needFunctions(process, body);
      process.log("INFO", "DFSRaftReplayWorker started");
      process.log("INFO", `<Raft> Group 1 initialized successfully. ${found ? "Its log was replayed." : "Its log is empty."}`);
      this.raft.start();
      process.every(process.scaled(TICK_MS), () => {
        if (this.raft.leads) this.#tick();
      });
    });
  }
  /** A controller has nothing to wait for, but where a release has a defect it never ends (facts 1.3). */
  terminate(): void {
    const { behaviour, faults } = this.process;
    const isLan = !["0", "false"].includes(this.process.setting("lanCluster", "1").toLowerCase());
    const hangs =
      faults.has("ignore-terminate") || (isLan ? behaviour.controllerHangsWithLan : behaviour.followerHangsWithoutLan && !this.raft.leads);
    this.process.log("INFO", "The socket server ended.");
    if (hangs) return;
    this.process.clock.after(this.process.component.durations.gracefulStop / 4, () => {
      this.process.exit(0, "SIGTERM");
    });
  }

  #loadRaft(): boolean {
    try {
      return this.raft.load();
    } catch (error) {
      if (error instanceof RaftDamaged) throw new ServerError(error.message);
      throw error;
    }
  }
  #readFiles(): void {
    const { process } = this;
    const directory = `${process.component.directory}/config`;
    try {
      const nodes = process.disk.read(process.setting("nodesFile", `${directory}/cluster.nodes`));
      if (nodes === null) throw new Error("The nodes file does not exist.");
      const settings = process.disk.read(process.setting("clusterConfig", `${directory}/cluster.cfg`)) ?? "";
      this.#files = { rows: parseClusterNodes(nodes), settings: parseSettings(settings) };
    } catch (error) {
      throw new ServerError(error instanceof Error ? error.message : String(error));
    }
  }
  #handlers(): void {
    const { process } = this;
    const leading = (handler: (body: unknown) => unknown) => (body: unknown) => {
      this.needLeadership();
      return handler(body);
    };
    process.on("heartbeat", (body) => this.#heartbeat(body as Beat & { readonly topology: number }));
    process.on(
      "report",
      leading((body) => this.#report(body as ReportRequest)),
    );
    process.on("goodbye", (body) => {
      const { alias, boot } = body as { readonly alias: string; readonly boot: string };
      if (this.raft.leads) this.members.left(alias, boot);
    });
    process.on(
      "begin",
      leading((body) => this.transactions.begin(body as BeginRequest)),
    );
    process.on(
      "commit",
      leading((body) => this.transactions.commit(body as CommitRequest)),
    );
    process.on(
      "rollback",
      leading((body) => {
        this.transactions.rollback((body as { readonly tid: number }).tid);
      }),
    );
    process.on(
      "decide",
      leading((body) => {
        const { tid, id, version } = body as { readonly tid: number; readonly id: string; readonly version: number };
        return this.transactions.decide(tid, id, version);
      }),
    );
    process.on(
      "propose",
      leading((body) => this.raft.propose(body as Command)),
    );
    process.on(
      "catalog",
      leading((body) => catalogOf(this, body as CatalogRequest)),
    );
    process.on("ping", () => process.alias);
    process.on(
      "seed",
      leading((body) => seedChunks(this, body as SeedRequest)),
    );
  }
  #heartbeat(beat: Beat & { readonly topology: number }): BeatReply | NotLeading {
    if (!this.raft.leads) return { notLeader: this.leader()?.endpoint ?? null };
    const member = this.members.heard(beat);
    this.transactions.reported(beat.alias, beat.transactions);
    const isNew = beat.topology !== this.#topologyId();
    return {
      leader: this.process.alias,
      report: member !== null && beat.initialised === true && !member.reported,
      topology: this.#topologyId(),
      rows: isNew ? this.rows() : null,
      users: isNew ? [...this.metadata.users.values()] : null,
    };
  }
  /** Other than every other leader's. */
  #topologyId(): number {
    return this.raft.term * 10_000 + this.#topology;
  }
  #report(report: ReportRequest): { readonly unknown: readonly string[] } {
    const member = this.members.get(report.alias);
    if (member === null || member.boot !== report.boot || !member.online) throw new ServerError(`The node ${report.alias} is not online.`);
    for (const tid of report.pending) this.transactions.seen(tid);
    const unknown: string[] = [];
    const now = this.process.clock.now();
    for (const [id, version, corrupted] of report.chunks) {
      if (this.map.meta(id) === null) unknown.push(id);
      else this.map.set(id, report.alias, { version, corrupted: corrupted === 1, since: now });
    }
    member.reported = true;
    this.process.log("INFO", `node ${report.alias} reported ${String(report.chunks.length)} chunks`);
    this.replication.reported(
      report.alias,
      report.chunks.map(([id]) => id),
    );
    return { unknown };
  }

  #leads(): void {
    const { process } = this;
    this.#ledSince = process.clock.now();
    this.#isInitialised = false;
    this.map.clear();
    this.members.clear();
    this.recovery.clear();
    this.transactions.beginWaiting();
    if (this.metadata.nodes === null) void this.raft.propose({ do: "own-nodes", rows: this.#files.rows }).catch(() => {});
    if (this.metadata.settings === null) void this.raft.propose({ do: "own-settings", settings: this.#files.settings }).catch(() => {});
    process.log("INFO", "<Raft> this controller leads now");
  }
  #tick(): void {
    const { process, members, transactions } = this;
    const heartbeat = process.number("dfsChunkNodeHeartBeatTimeout", HEARTBEAT_TIMEOUT_S);
    members.check(process.scaled((heartbeat > 1_000 ? heartbeat / 1_000 : heartbeat) * 1_000));
    if (transactions.isWaiting) {
      const all = members.dataNodes().every(({ alias }) => members.get(alias)?.reported === true);
      if (all || process.clock.now() - this.#ledSince >= process.scaled(TRANSACTION_WAIT_MS)) {
        transactions.endWaiting();
        this.#isInitialised = true;
        process.log("INFO", "Controller initialization completed.");
      }
    }
    for (const { tid, chunks } of transactions.expire())
      for (const { id, replicas } of chunks)
        for (const { endpoint } of replicas) void process.ask(endpoint, "chunk/rollback", { tid, id }).catch(() => {});
    this.replication.tick();
    this.nodes.restartMissing();
  }
  #wentOffline(member: Member): void {
    this.map.drop(member.alias);
    this.transactions.orphan(member.alias);
    this.recovery.cancelWaiting(({ destination }) => destination === member.alias);
  }
  #dropped(ids: readonly string[]): void {
    if (!this.raft.leads) {
      this.map.forget(ids);
      return;
    }
    for (const id of ids)
      for (const alias of this.map.replicas(id).keys()) {
        const row = this.members.row(alias);
        if (row !== null) void this.process.ask(row.endpoint, "chunk/delete", { ids: [id] }).catch(() => {});
      }
    this.map.forget(ids);
  }
}
