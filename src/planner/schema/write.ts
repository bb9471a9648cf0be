// Writes docs/schemas/plan.json; a test checks that it is current.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { planJsonSchema } from "./json-schema.ts";

writeFileSync(fileURLToPath(new URL("../../../docs/schemas/plan.json", import.meta.url)), `${JSON.stringify(planJsonSchema(), null, 2)}\n`);
