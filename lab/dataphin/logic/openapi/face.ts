import type { Clock } from "../../../kit/clock.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import type { Database } from "../database.ts";
import { json } from "../http.ts";
import { instanceOperations } from "./instances.ts";
import type { Operation } from "./operation.ts";
import { ApiError, Input, parametersOf } from "./parameters.ts";
import { serviceOperations } from "./services.ts";
import type { Denied, SignatureCheck } from "./signature.ts";

const VERSION = "2023-06-30";
const operations: Readonly<Record<string, Operation>> = { ...instanceOperations, ...serviceOperations };

export interface FaceOptions {
  readonly clock: Clock;
  readonly database: Database;
  /** As GetServerVersion tells it: `v6.2.0.964601`. */
  readonly version: string;
  readonly tenantId: string;
  readonly check: SignatureCheck;
  readonly throttle: Throttle;
}

/** Calls of each operation in the present second: the pods of one installation count together. */
export class Throttle {
  readonly #perSecond: number;
  readonly #calls = new Map<string, { second: number; count: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  isTooMuch(action: string, now: number): boolean {
    const second = Math.floor(now / 1_000);
    const seen = this.#calls.get(action);
    if (seen?.second !== second) {
      this.#calls.set(action, { second, count: 1 });
      return false;
    }
    seen.count += 1;
    return seen.count > this.#perSecond;
  }
}

/** The RPC face of the OpenAPI, in one pod (facts 3.1). */
export class OpenApiFace {
  readonly #of: FaceOptions;

  constructor(of: FaceOptions) {
    this.#of = of;
  }

  serve(request: Request): Reply {
    const { clock, database, version, tenantId, check, throttle } = this.#of;
    const found = parametersOf(request);
    const action = found.get("Action") ?? request.headers["x-acs-action"] ?? "";
    const requestId = requestIdOf(database.nextId());
    const deny = ({ status, code, message }: Denied): Reply =>
      json(status, { Code: code, Message: message, RequestId: requestId, HttpStatusCode: status, Success: false });
    if ((found.get("Version") ?? request.headers["x-acs-version"]) !== VERSION)
      return deny({ status: 404, code: "InvalidVersion", message: "Specified parameter Version is not valid." });
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (operation === undefined)
      return deny({ status: 404, code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method." });
    const denied = check.denies(request, found);
    if (denied !== null) return deny(denied);
    if (throttle.isTooMuch(action, clock.now()))
      return deny({ status: 400, code: "Throttling.User", message: "Request was denied due to user flow control." });
    try {
      const input = new Input(found);
      if (input.text("OpTenantId") !== tenantId)
        throw new ApiError("DPN.TenantNotExist", "the tenant does not exist, or you are none of its members");
      const note = (what: string, object: string): void => {
        database.data.operations.push({ at: clock.now(), what, object });
      };
      const result = operation(input, { database, clock, version, note });
      return json(200, { Code: "OK", Message: "successful", RequestId: requestId, HttpStatusCode: 200, Success: true, ...result });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return deny({ status: error.status, code: error.word, message: error.message });
    }
  }
}

/** As long as a real one. */
const requestIdOf = (id: string): string => {
  const hex = BigInt(id).toString(16).padStart(32, "0").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
