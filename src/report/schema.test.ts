import { expect, test } from "vitest";
import { reportJsonSchema } from "./schema.ts";

test("docs/schemas/report.json is current (vitest -u writes it)", async () => {
  await expect(`${JSON.stringify(reportJsonSchema(), null, 2)}\n`).toMatchFileSnapshot("../../docs/schemas/report.json");
});
