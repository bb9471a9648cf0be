import { fileURLToPath } from "node:url";
import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type { Plan } from "../../model/plan.ts";
import { planJsonSchema } from "./json-schema.ts";
import type { planSchema } from "./schema.ts";

/** Neither read-only marks nor `| undefined` of optional keys matter to what a file may hold. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<Exclude<T[Key], undefined>> | (undefined extends T[Key] ? undefined : never) }
    : T;

test("schema and model have the same keys and types", () => {
  type File = Plain<Omit<z.infer<typeof planSchema>, "turns" | "facts">>;
  type Model = Plain<Omit<Plan, "turns" | "facts">>;
  expectTypeOf<File>().toEqualTypeOf<Model>();
  expectTypeOf<keyof z.infer<typeof planSchema>>().toEqualTypeOf<keyof Plan>();
});

test("docs/schemas/plan.json is current (`vitest run src/planner/schema -u` writes it)", async () => {
  const file = fileURLToPath(new URL("../../../docs/schemas/plan.json", import.meta.url));
  await expect(`${JSON.stringify(planJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});
