import { z } from "zod";
import { StillwaterError } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import { asJson, canonicalJson } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { eventSchema, formatVersion } from "./event-schema.ts";
import { planSchema } from "./plan-schema.ts";
import type { Holder } from "./store.ts";

// How events and plans become text and come back, for every store. A record that cannot be understood is refused here, before anything can act on it.

export interface WrittenEvent {
  readonly text: string;
  /** What a later read gives: the same as was written, not the object that the caller still holds. */
  readonly event: RunEvent;
}

/** Throws SW9999 for an event that could not be read back: better a stop before the write than a run that nobody can continue. */
export function writeEvent(event: RunEvent): WrittenEvent {
  return { ...written("event", event, eventSchema, (value) => ({ event: value })) };
}
export function writePlan(plan: Plan): { readonly text: string; readonly plan: Plan } {
  // Not through its text, as an event: a plan is megabytes, nobody changes it, and its caller would go on holding the other copy.
  return written("plan", plan, planSchema, (value) => ({ plan: value }), asJson);
}

/** SW4003 names the run and the number of the entry. */
export function readEvent(run: number, n: number, version: number, text: string): RunEvent {
  return read(`run ${run}, entry ${n}`, version, text, eventSchema);
}
export function readPlan(run: number, version: number, text: string): Plan {
  return read(`run ${run}, plan`, version, text, planSchema);
}

const holderSchema: z.ZodType<Holder> = z.strictObject({
  operator: z.string(),
  host: z.string(),
  pid: z.int(),
  startTicks: z.int(),
  bootId: z.string(),
  verb: z.string(),
});
/** Not versioned: a claim lives as long as a process. */
export function readHolder(cluster: string, text: string): Holder {
  return read(`claim on ${cluster}`, formatVersion, text, holderSchema);
}

function written<T, Out>(
  what: string,
  value: T,
  schema: z.ZodType<T>,
  as: (value: T) => Out,
  kept: (value: T, text: string) => unknown = (_, text) => JSON.parse(text),
): Out & { readonly text: string } {
  let text: string;
  try {
    text = canonicalJson(value);
  } catch (error) {
    throw new StillwaterError("SW9999", `The journal cannot hold this ${what}`, { why: [String(error)], cause: error });
  }
  const parsed = schema.safeParse(kept(value, text));
  if (!parsed.success) throw new StillwaterError("SW9999", `The journal cannot hold this ${what}`, { why: problems(parsed.error) });
  return { ...as(parsed.data), text };
}

function read<T>(object: string, version: number, text: string, schema: z.ZodType<T>): T {
  if (version > formatVersion) {
    throw new StillwaterError("SW4003", `The journal holds a record of a newer release: ${object}`, {
      object,
      why: [`format ${version}; this release knows formats up to ${formatVersion}`],
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new StillwaterError("SW4003", `The journal is damaged: ${object}`, { object, why: ["not JSON"], cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new StillwaterError("SW4003", `The journal holds a record that cannot be understood: ${object}`, { object, why: problems(parsed.error) });
  return parsed.data;
}

function problems(error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => `${issue.path.length === 0 ? "the record" : issue.path.join(".")}: ${issue.message}`);
}
