// Classes of APIs as the vendor's impact table has them (facts D3a).
import type { ApiClass } from "./facts.ts";
import { watched, type WatchedFeature } from "./impact/features.ts";

export interface ClassWords {
  readonly name: string;
  /** `unknown`: the table names no such class, or we do not know which it is. */
  readonly inDowntime: "works" | "fails" | "unknown";
  /** Null: nobody can try it, since nobody knows what it is. */
  readonly feature: WatchedFeature | null;
}
export const classWords: Readonly<Record<ApiClass, ClassWords>> = {
  direct: { name: "direct data source", inDowntime: "works", feature: watched.directApis },
  serviceUnit: { name: "service unit", inDowntime: "works", feature: watched.serviceUnitApis },
  composite: { name: "composite, of none on logical tables", inDowntime: "works", feature: watched.compositeApis },
  registered: { name: "registered", inDowntime: "works", feature: watched.registeredApis },
  logicalTable: { name: "logical table", inDowntime: "fails", feature: watched.logicalTableApis },
  dataphinSource: { name: "Dataphin data source", inDowntime: "fails", feature: watched.dataphinSourceApis },
  compositeLogical: { name: "composite, of some on logical tables", inDowntime: "fails", feature: watched.compositeLogicalApis },
  unknown: { name: "not known", inDowntime: "unknown", feature: null },
};
