// What the driver asks DolphinDB servers, as one interface: over WebSocket and HTTP in `wire/`, and whatever a test gives.
import type { Fence } from "../../model/fence.ts";
import type { Host } from "../../model/host.ts";

/** A value as the driver works with it. LONG is a bigint only beyond 2^53; a null of any type is null; temporal values are what the wire has (milliseconds for TIMESTAMP). */
export type Value = null | boolean | number | bigint | string | readonly Value[] | Table | Dictionary;
export interface Table {
  readonly is: "table";
  readonly columns: readonly string[];
  /** By column, then by row. */
  readonly data: readonly (readonly Value[])[];
}
export interface Dictionary {
  readonly is: "dictionary";
  readonly entries: ReadonlyMap<string, Value>;
}

/** Tags and numbers of the server's errors that are told apart (facts 3.4). */
export type ServerErrorTag =
  | "NotLeader"
  | "ChunkInTransaction"
  | "DataNodeNotAvail"
  | "DataNodeNotReady"
  | "ControllerNotReady"
  | "ControllerNotAvail";

/**
 * One node is asked directly, logged in as the operator's user. Errors: `ServerRefused` when the server answered with an error (tag and RefId told apart),
 * `Refused` SW6001 when nothing was sent, `Unreachable` when it may have arrived.
 */
export interface Rpc {
  /** A function of the server with scalar or vector arguments; read-only. `node`: name in the cluster file. */
  call(node: string, name: string, args?: readonly Value[], timeoutMs?: number): Promise<Value>;
  /** A script; read-only. Only texts of `wire/scripts.ts`, which the lab knows too. */
  script(node: string, text: string, timeoutMs?: number): Promise<Value>;
  /** The controller that leads now, found by asking and by following `<NotLeader>`; error `Unreachable` when none does. */
  leader(): Promise<string>;
  /** A script with an effect, sent by the helper on the node's host (HTTP, facts 3.5 JSON API) and refused there when the claim is old. */
  effect(node: string, text: string, through: { readonly host: Host; readonly fence: Fence }, timeoutMs?: number): Promise<Value>;
  close(): Promise<void>;
}
