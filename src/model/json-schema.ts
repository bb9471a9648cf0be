import { z } from "zod";
import type { Json } from "./json.ts";

/**
 * For what came out of JSON.parse: it cannot hold anything else than JSON, so only its absence is a fault. To look at every value again, as `z.json()`
 * does, costs seconds and hundreds of megabytes for the facts of a large cluster.
 */
export const parsedJson = z
  .unknown()
  .refine((value) => value !== undefined, "is missing")
  .describe("any JSON value") as unknown as z.ZodType<Json>;
