// How a message reaches a server: one binary message, one answer (facts 3.2). A WebSocket in the product; in tests and the lab whatever carries messages.

export interface Transport {
  /** Error `Refused` (SW6001) when nothing was sent; `Unreachable` otherwise. `address`: HOST:PORT. */
  open(address: string, timeoutMs: number): Promise<Connection>;
}
export interface Connection {
  /** Messages printed by the server before its answer are left out. Throws `Unreachable` when the answer does not come: what was asked may have been done. */
  request(message: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  readonly closed: boolean;
  close(): void;
}
