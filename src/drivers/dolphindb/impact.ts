// What users will feel. Pure.
import type { SystemDriver } from "../../model/driver.ts";
import type { DdFacts } from "./facts.ts";

export const impact: SystemDriver<DdFacts>["impact"] = () => [];
