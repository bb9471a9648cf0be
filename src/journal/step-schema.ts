import { z } from "zod";
import { parsedJson } from "../model/json-schema.ts";
import { phases, type Item } from "../model/step.ts";

// Loose: what an older plan said about a step is kept as it is, because the plan's hash covers it.
const stepSchema = z.looseObject({
  id: z.string().min(1),
  phase: z.enum(phases),
  do: z.string().min(1),
  params: parsedJson,
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
