/** One session with the lab's ZooKeeper: in memory, or over the wire. Codes are ZooKeeper's names. */
export type ZooKeeperCode = "NO_NODE" | "NODE_EXISTS" | "NOT_EMPTY" | "SESSION_EXPIRED" | "CONNECTION_LOSS";
export class ZooKeeperError extends Error {
  readonly code: ZooKeeperCode;
  constructor(code: ZooKeeperCode, path: string) {
    super(`${path}: ${code}`);
    this.code = code;
  }
}

export interface ZooKeeperSession {
  /** Returns the path made; with `sequence` ten digits are appended. Parents must exist. */
  create(path: string, data: string, how?: { readonly ephemeral?: boolean; readonly sequence?: boolean }): Promise<string>;
  /** Creates missing parents too; an existing node keeps its data. */
  ensure(path: string, data?: string): Promise<void>;
  set(path: string, data: string): Promise<void>;
  /** Null: no such node. `changed` fires once, at the next change of the data, a creation or a removal. */
  get(path: string, changed?: () => void): Promise<string | null>;
  /** Names, sorted; empty when there is no such node. `changed` fires once, when a child comes or goes. */
  children(path: string, changed?: () => void): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
  /** Called once when the session is gone: its ephemeral nodes are, too. */
  onExpired(then: () => void): void;
  /** The session stays at the server until its time-out, as when the process is killed. */
  abandon(): void;
  close(): Promise<void>;
}
export interface ZooKeeperPort {
  /** Throws CONNECTION_LOSS when no server answers. */
  connect(sessionTimeoutMs: number): Promise<ZooKeeperSession>;
}
