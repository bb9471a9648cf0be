import { z } from "zod";
import { parsedJson } from "../model/json-schema.ts";
import { modes } from "../model/goal.ts";
import type { Plan } from "../model/plan.ts";
import { itemSchema } from "./step-schema.ts";

const text = z.string();
const mode = z.enum(modes);

// Loose: every key is kept as it was written, because the plan's hash covers it. Whether the hash holds is the planner's question.
const schema = z.looseObject({
  version: z.literal(1),
  hash: text.min(1),
  cluster: text.min(1),
  system: text.min(1),
  goal: z.looseObject({
    version: text.nullable(),
    artefact: z.looseObject({ path: text, sha256: text, bytes: z.number(), version: text }).nullable(),
    settings: z.record(text, text.nullable()),
    restart: z.boolean(),
    mode: z.enum([...modes, "auto"]),
    only: z.array(text).nullable(),
    options: z.record(text, text),
  }),
  mode,
  modes: z.array(z.looseObject({ mode, eligible: z.boolean(), why: text })),
  facts: z.looseObject({ structure: parsedJson, now: parsedJson }),
  structureDigest: text,
  turns: z.array(
    z.looseObject({
      id: text.min(1),
      nodes: z.array(text),
      title: text.exactOptional(),
      role: text.exactOptional(),
      items: z.array(itemSchema),
    }),
  ),
  impact: z.array(
    z.looseObject({
      feature: text,
      turn: text,
      effect: z.enum(["none", "degraded", "refused", "paused", "lost"]),
      expectedMs: z.number(),
      basis: text,
      source: text,
      amount: z.looseObject({ value: z.number(), unit: text }).exactOptional(),
      measure: z
        .discriminatedUnion("by", [
          z.looseObject({ by: z.literal("longest-write-gap") }),
          z.looseObject({ by: z.literal("lease-held"), step: z.string() }),
          z.looseObject({ by: z.literal("node-unavailable"), node: text }),
          z.looseObject({ by: z.literal("watch"), feature: text, of: z.enum(["longest", "total"]) }),
          z.looseObject({ by: z.literal("count"), what: text }),
        ])
        .nullable(),
    }),
  ),
  checks: z.array(
    z.looseObject({
      code: text,
      object: text,
      verdict: z.enum(["passed", "warning", "blocker", "not-measured"]),
      what: text,
      remedy: text.exactOptional(),
      price: text.exactOptional(),
      source: text.exactOptional(),
    }),
  ),
  overrides: z.array(z.looseObject({ code: text, by: text, reason: text })),
  unfenced: z.array(text),
  undoUntil: text,
  rollsBack: text.nullable(),
  createdAt: text,
  createdBy: text,
});

/** A plan as the journal keeps it. */
export const planSchema: z.ZodType<Plan> = schema;
