import { z } from "zod";
import type { Json } from "../model/json.ts";
import { phases, type Item } from "../model/step.ts";

/** A value that came out of JSON.parse: it cannot hold anything else than JSON, so only its absence is a fault. */
export const jsonSchema = z.custom<Json>((value) => value !== undefined, "is missing");

// Loose: what an older plan said about a step is kept as it is, because the plan's hash covers it.
const stepSchema = z.looseObject({
  id: z.string().min(1),
  phase: z.enum(phases),
  do: z.string().min(1),
  params: jsonSchema,
  title: z.string().exactOptional(),
  expectedMs: z.number().exactOptional(),
  held: z.enum(["release", "page", "finish-then-release"]).exactOptional(),
  ask: z.string().exactOptional(),
  commits: z.looseObject({ of: z.enum(["turn", "run"]), why: z.string() }).exactOptional(),
  may: z.looseObject({ do: z.array(z.string()), atMost: z.number() }).exactOptional(),
  withinMs: z.number().exactOptional(),
  instant: z.string().exactOptional(),
  note: z.string().exactOptional(),
  maintenance: z.enum(["begins", "begins-with", "ends"]).exactOptional(),
});
const undoSchema = z.looseObject({ undo: z.string().min(1) });

export const itemSchema: z.ZodType<Item> = z.union([undoSchema, stepSchema]);
