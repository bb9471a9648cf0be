import type { Turn } from "../../../model/step.ts";
import { staging } from "./exchange.ts";
import type { Frame } from "./plan.ts";

/** Everything is on its host, and its version read, before the first node stops. Null: there is nothing to bring. */
export function stageTurn(frame: Frame, due: readonly string[]): Turn | null {
  const items = staging(frame, due);
  return items.length === 0 ? null : { id: "stage", nodes: [], title: "the release on every host, its version read there", items };
}
