import { z } from "zod";
import { parsedJson } from "../model/json-schema.ts";
import type { ErrorCode } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import { itemSchema } from "./step-schema.ts";

/** The version that is written beside each event and plan. It rises when an older release could misread a newer one's. */
export const formatVersion = 1;

const text = z.string();
const step = z.string().min(1);
// Any code, also one that this release does not have: it is shown, never decided upon.
const errorCode = z.custom<ErrorCode>((value) => typeof value === "string" && /^SW\d{4}$/.test(value), "is not an error code");
const before = parsedJson.exactOptional();

// One shape per kind of event, without its `is`. A kind or a key of RunEvent that is not here stops the compiler, not a run.
type ShapeOf<Event> = { readonly [Key in Exclude<keyof Event, "is">]-?: z.ZodType<Event[Key]> };
const shapes: { readonly [Kind in RunEvent["is"]]: ShapeOf<Extract<RunEvent, { readonly is: Kind }>> } = {
  claimed: { holder: text, verb: text, pid: z.int() },
  acting: { step, at: z.number(), settled: z.number(), why: text.exactOptional(), before },
  acted: { step, receipt: parsedJson },
  refused: { step, why: text },
  expanded: { step, into: z.array(itemSchema), before },
  done: { step, proof: parsedJson, word: text.exactOptional(), before },
  lost: { step },
  undone: { step },
  released: { step },
  absent: { step },
  asked: { step, code: errorCode, question: text, before },
  answered: { step, answer: z.enum(["approve", "done", "again", "skip"]), by: text, reason: text },
  paused: { step: step.nullable(), code: z.union([errorCode, z.literal("operator")]), why: text },
  aborting: { turn: text.nullable(), finish: z.boolean(), by: text, reason: text },
  alarm: { what: text, step: step.nullable() },
  finished: {
    as: z.enum(["succeeded", "aborted", "force-stopped"]),
    forced: z.strictObject({ mark: z.enum(["succeeded", "failed"]), by: text, reason: text, left: z.array(text) }).exactOptional(),
  },
};

// Strict: a key that this release does not know may carry a meaning that it would miss.
const [first, ...others] = Object.entries(shapes).map(([is, shape]) => z.strictObject({ is: z.literal(is), ...shape }));
if (first === undefined) throw new TypeError("there are no kinds of events");

/** One event as it is kept in the journal. */
export const eventSchema = z.discriminatedUnion("is", [first, ...others]) as unknown as z.ZodType<RunEvent>;
