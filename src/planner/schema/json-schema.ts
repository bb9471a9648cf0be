import * as z from "zod";
import { planSchema } from "./schema.ts";

/** docs/schemas/plan.json. */
export const planJsonSchema = (): unknown => ({
  title: "A plan of Stillwater, version 1",
  ...z.toJSONSchema(planSchema, { target: "draft-2020-12" }),
});
