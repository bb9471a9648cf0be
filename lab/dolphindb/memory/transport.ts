// A client's connections over the virtual network: one message there, one back (facts 3.2).
import { NoReply, type Network } from "../../kit/network.ts";
import { CONNECTION_HEADER, MESSAGE_PAGE } from "../wire/http-faces.ts";

/** Makes the errors of whoever connects: the lab does not know their class. */
export interface TransportErrors {
  /** Nothing was sent. */
  refused(message: string, address: string): Error;
  /** It may have arrived. */
  unreachable(message: string, address: string): Error;
}
export interface MemoryConnection {
  request(message: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  readonly closed: boolean;
  close(): void;
}
export interface MemoryTransport {
  open(address: string, timeoutMs: number): Promise<MemoryConnection>;
}

/** `own`: the endpoint that its requests come from. */
export function memoryTransport(network: Network, own: string, errors: TransportErrors): MemoryTransport {
  let connections = 0;
  const fail = (error: unknown, address: string): Error => {
    if (!(error instanceof NoReply)) throw error;
    return error.failure === "refused"
      ? errors.refused(`${address} cannot be reached: connection refused`, address)
      : errors.unreachable(`${address} did not answer: ${error.failure}`, address);
  };
  return {
    async open(address, timeoutMs) {
      connections += 1;
      const headers = { [CONNECTION_HEADER]: `${own} ${String(connections)}` };
      let closed = false;
      const send = (body: string, withinMs: number) => network.call(own, address, { method: "POST", path: MESSAGE_PAGE, headers, body }, withinMs);
      try {
        await network.call(own, address, { method: "GET", path: "/", headers: {}, body: "" }, timeoutMs);
      } catch (error) {
        throw fail(error, address);
      }
      return {
        get closed() {
          return closed;
        },
        async request(message, withinMs) {
          if (closed) throw errors.refused(`the connection to ${address} is closed`, address);
          try {
            const { body } = await send(Buffer.from(message).toString("base64"), withinMs);
            return new Uint8Array(Buffer.from(body, "base64"));
          } catch (error) {
            closed = true;
            // The connection was there: what is refused now is the end of a process that may have heard it.
            if (error instanceof NoReply && error.failure === "refused") throw errors.unreachable(`${address} has closed the connection`, address);
            throw fail(error, address);
          }
        },
        close() {
          if (closed) return;
          closed = true;
          send("", timeoutMs).catch(() => {});
        },
      };
    },
  };
}
