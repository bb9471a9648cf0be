import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Network } from "../../kit/network.ts";
import type { LabValue } from "../value.ts";

/** What a process of the lab lives in. Nothing else reaches a node's logic: no clock of its own, no randomness, no files. */
export interface Surroundings {
  readonly clock: Clock;
  /** Between nodes: HTTP requests to paths below /lab. Clients' sessions come over the same endpoint (`face`). */
  readonly network: Network;
  readonly disk: Disk;
  /** In [0, 1), seeded. */
  random(): number;
  /** A line of the node's log file. */
  log(level: "INFO" | "WARNING" | "ERROR", line: string): void;
  /** The process ends with that code, now. */
  exit(code: number, why: string): void;
  /** Agents: starts a process of the same installation and directory, and does not wait for it. One that finds its port taken ends by itself. */
  launch(launch: Launch): void;
  /** What was written to that file survives a power cut. Raft files always; data, redo logs and chunk metadata only with dataSync=1. */
  fsync?(path: string): void;
}
/** What an agent is told to start: settings are those of cluster.cfg for this node, as the Raft group has them, and `sites` with the controllers. */
export interface Launch {
  readonly role: "datanode" | "computenode";
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** How long things take in the lab, in milliseconds. */
export interface Durations {
  readonly roundTrip: number;
  /** raftElectionTick x 10 ms is divided by this number, so are heartbeats, the floor of dfsRecoveryWaitTime, chunk locks: a scaled clock (1: real). */
  readonly scale: number;
  /** From the start of a process until it listens, and until it is initialised after that. */
  readonly listen: number;
  readonly initialise: number;
  /** A recovery task of one chunk. */
  readonly recoverChunk: number;
  /** A graceful stop without running transactions. */
  readonly gracefulStop: number;
  /** Of one transaction that a start finds in the redo log: after kill -9. */
  readonly replayTransaction: number;
}

export type LabRole = "controller" | "agent" | "datanode" | "computenode";
export interface Component {
  readonly role: LabRole;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** As the binary in its installation says: `2.00.8.12`. */
  readonly release: string;
  /** `.../server/clusterDemo`. */
  readonly directory: string;
  /** From controller.cfg, agent.cfg or what the controller hands over (cluster.cfg). */
  readonly settings: Readonly<Record<string, string>>;
  readonly durations: Durations;
}

/** A client's session on a node. */
export interface Session {
  readonly id: string;
  user: string | null;
  readonly variables: Map<string, LabValue>;
}
/** An error that the server answers: one line with its RefId or tag. */
export class ServerError extends Error {}

/** What the wire faces (WebSocket, TCP, JSON) call. */
export interface Evaluator {
  session(): Session;
  /** Throws ServerError. Null: the connection is closed without a word. */
  call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null>;
  script(session: Session, text: string): Promise<LabValue | null>;
  login(session: Session, user: string, password: string): Promise<void>;
  /** Its connection is gone. */
  end?(session: Session): void;
}

export interface RunningNode extends Evaluator {
  /** Returns after it listens. */
  start(): Promise<void>;
  /** SIGTERM: graceful; `exit` of the surroundings is called when it is over. */
  terminate(): void;
  /** kill -9. */
  kill(): void;
}
