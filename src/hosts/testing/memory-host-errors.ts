import type { HostErrors } from "../../../lab/kit/memory-host.ts";
import { Refused, Unreachable } from "../../model/errors.ts";

/** What a host in memory throws is what the helper's answers become: a time-out is unknown, and what it refuses it has not done. */
export const hostErrors: HostErrors = {
  fault: (code, message, object) => (code === "SW3003" ? new Unreachable(message, { code, object }) : new Refused(message, { code, object })),
};
