import type { Reply, Request } from "../../kit/network.ts";

/** What can be made to go wrong in one process of the lab, beside its death and its links (facts 7). */
export const faultNames = [
  /** SIGTERM does not end it. */
  "ignore-terminate",
  /** A data node: green, and it reports none of its chunks. */
  "withhold-report",
  /** A data node: nothing can be copied from it or to it. */
  "fail-recovery",
  /** A data node: a write that was acknowledged is not kept. */
  "forget-writes",
] as const;
export type FaultName = (typeof faultNames)[number];

/** Of the lab alone: POST {"set": NAME} or {"clear": NAME} to /lab/fault. A fault ends with the process. */
export class Faults {
  readonly #set = new Set<FaultName>();

  has(name: FaultName): boolean {
    return this.#set.has(name);
  }
  set(name: FaultName): void {
    this.#set.add(name);
  }
  clear(name: FaultName): void {
    this.#set.delete(name);
  }

  page(request: Request): Reply {
    const wanted = JSON.parse(request.body === "" ? "{}" : request.body) as { readonly set?: string; readonly clear?: string };
    for (const [verb, name] of Object.entries(wanted)) {
      const known = faultNames.find((each) => each === name);
      if (known === undefined) return { status: 400, body: `no fault ${name}: ${faultNames.join(", ")}` };
      if (verb === "set") this.set(known);
      else this.clear(known);
    }
    return { status: 200, body: JSON.stringify([...this.#set]) };
  }
}
