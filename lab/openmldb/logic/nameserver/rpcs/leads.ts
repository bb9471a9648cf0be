import { method, type Fields, type Method } from "../../brpc.ts";
import type { Context } from "../context.ts";
import type { Refusal } from "../tables.ts";

const NOT_LEADER: Refusal = { code: 300, msg: "nameserver is not leader" };
const AUTO_FAILOVER: Refusal = { code: 301, msg: "auto_failover is enabled" };

/** A method of the nameserver that leads: every other one answers 300 (facts 2.5). */
export const leads = (context: Context, required: Fields, optional: Fields, handle: (request: never) => object | Promise<object>): Method =>
  method(required, optional, (request) => (context.running ? handle(request) : NOT_LEADER));

/** A method that is refused while auto_failover is on. */
export const leadsByHand = (context: Context, required: Fields, optional: Fields, handle: (request: never) => object | Promise<object>): Method =>
  leads(context, required, optional, (request) => (context.autoFailover ? AUTO_FAILOVER : handle(request)));
