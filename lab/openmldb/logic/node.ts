import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Network } from "../../kit/network.ts";
import type { ZooKeeperPort } from "../../kit/zookeeper.ts";

/** What a process of the lab lives in. Nothing else reaches a node's logic: no clock of its own, no randomness, no files. */
export interface Surroundings {
  readonly clock: Clock;
  readonly network: Network;
  readonly zookeeper: ZooKeeperPort;
  readonly disk: Disk;
  /** In [0, 1), seeded. */
  random(): number;
  /** A line of the component's log. */
  log(level: "INFO" | "WARNING" | "ERROR", line: string): void;
  /** The process ends with that code, now. */
  exit(code: number, why: string): void;
}

/** How long things take in the lab, in milliseconds; the flags of the component say the rest. */
export interface Durations {
  /** From one node to another and back. */
  readonly roundTrip: number;
  /** A task of an operation on a tablet: change role, add replica, load an empty table. */
  readonly task: number;
  /** Rows a second when a table is loaded or a snapshot is sent. */
  readonly rowsPerSecond: number;
  /** Delay and bandwidth (entries a second) of replication to one follower; changed by faults while it runs. */
  readonly replicationDelay: number;
  readonly replicationPerSecond: number;
  /** How long an SDK takes to refresh its catalog after `/table/notify`. */
  readonly catalogRefresh: number;
}

export interface Component {
  readonly role: "nameserver" | "tablet" | "apiserver" | "taskmanager";
  readonly endpoint: string;
  /** Version that its binary has: `/version` says it. */
  readonly release: string;
  /** The component's working directory: flags are read from conf/, data lies beside bin/. */
  readonly directory: string;
  /** As in conf/COMPONENT.flags, without the dashes; for the taskmanager the keys of its properties file. */
  readonly flags: Readonly<Record<string, string>>;
  readonly durations: Durations;
}

/** A running process's logic. `start` returns after it listens (registration may come later, and may fail through `exit`). */
export interface RunningNode {
  start(): Promise<void>;
  /** kill -9: nothing is said to anybody, the ZooKeeper session stays until its time-out. */
  kill(): void;
}
