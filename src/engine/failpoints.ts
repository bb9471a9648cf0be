// Places where a test kills Stillwater: `STILLWATER_FAILPOINT=PLACE:N`, N counting from 1. Unset in the product.
import type { RunEvent } from "../model/event.ts";

/** `started`: an `acting` event; `succeeded`: the event that records what the act led to. `inside:N:MS`: MS after the N-th effect began. */
export const failpointPlaces = ["before-started", "after-started", "before-succeeded", "after-succeeded", "inside"] as const;
export type FailpointPlace = (typeof failpointPlaces)[number];

export interface Failpoints {
  /** Called before and after events become durable. */
  reached(place: "before" | "after", events: readonly RunEvent[]): void;
  effectBegins(): void;
}

const none: Failpoints = { reached: () => undefined, effectBegins: () => undefined };

/** Kills the process group, as `kill -9` of everything the operator's terminal started would. */
const killGroup = (): void => {
  process.kill(0, "SIGKILL");
};

/** Throws a TypeError for a failpoint that is not written right: a test that names no failpoint would test nothing. */
export function failpointsFrom(setting: string | undefined, kill: () => void = killGroup): Failpoints {
  if (setting === undefined || setting === "") return none;
  const [place, count, afterMs = "25"] = setting.split(":");
  const wanted = Number(count);
  if (!failpointPlaces.includes(place as FailpointPlace) || !Number.isInteger(wanted) || wanted < 1)
    throw new TypeError(`STILLWATER_FAILPOINT=${setting}: want PLACE:N with PLACE one of ${failpointPlaces.join(", ")}`);
  let started = 0;
  let succeeded = 0;
  let effects = 0;
  return {
    reached(when, events) {
      const isStart = events.some((event) => event.is === "acting");
      const isSuccess = events.some((event) => event.is === "done" || event.is === "undone");
      if (isStart && when === "before") started++;
      if (isSuccess && when === "before") succeeded++;
      if (isStart && place === `${when}-started` && started === wanted) kill();
      if (isSuccess && place === `${when}-succeeded` && succeeded === wanted) kill();
    },
    effectBegins() {
      effects++;
      if (place === "inside" && effects === wanted) setTimeout(kill, Number(afterMs));
    },
  };
}
