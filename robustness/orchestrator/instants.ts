// The points at which Stillwater touches the world: it makes something durable, or it sends an effect. Numbered over the whole run, over all its processes.
import type { RunEvent } from "../../src/model/event.ts";

export type Instant =
  | { readonly kind: "append"; readonly event: string; readonly step: string | null; readonly events: readonly Written[] }
  /** `via` null: over the network; else through the fence of that host. */
  | { readonly kind: "send"; readonly via: string | null; readonly step: string | null };
export interface Written {
  readonly is: RunEvent["is"];
  readonly step: string | null;
}
/** `under way`: an effect has left, and its answer will not be read; `after`: it was answered, and the answer is not written down. */
export type Moment = "before" | "under way" | "after";

export const describeInstant = (instant: Instant): string =>
  instant.kind === "append" ? `${instant.event} ${instant.step ?? ""}`.trimEnd() : `send ${instant.via ?? "network"} (${instant.step ?? "?"})`;

/** Called at each moment of each instant; `true`: killed here. */
export type AtInstant = (number: number, instant: Instant, moment: Moment) => boolean;

export class Instants {
  readonly reached: Instant[] = [];
  #at: AtInstant | null = null;
  #acting: string | null = null;

  on(at: AtInstant | null): void {
    this.#at = at;
  }
  append(events: readonly RunEvent[]): number {
    const last = events.at(-1);
    const step = last !== undefined && "step" in last ? last.step : null;
    if (last?.is === "acting") this.#acting = last.step;
    const written = events.map((event): Written => ({ is: event.is, step: "step" in event ? event.step : null }));
    return this.reached.push({ kind: "append", event: last?.is ?? "heartbeat", step, events: written }) - 1;
  }
  send(via: string | null): number {
    return this.reached.push({ kind: "send", via, step: this.#acting }) - 1;
  }
  dies(number: number, moment: Moment): boolean {
    const instant = this.reached[number];
    return instant !== undefined && this.#at?.(number, instant, moment) === true;
  }
}
