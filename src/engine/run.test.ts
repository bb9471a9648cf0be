import { describe, expect, it } from "vitest";
import type { AnyOperation } from "../model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../model/errors.ts";
import type { RunEvent } from "../model/event.ts";
import type { Facts } from "../model/facts.ts";
import type { Turn } from "../model/step.ts";
import { run } from "./run.ts";
import type { Outcome } from "./run-request.ts";
import type { Surroundings } from "./surroundings.ts";

type Act = NonNullable<AnyOperation<Facts>["act"]>;

/** One step whose act answers as told, on a clock that only waiting moves. */
async function answered(answer: () => never): Promise<{ readonly outcome: Outcome; readonly acts: number; readonly events: readonly RunEvent[] }> {
  const events: RunEvent[] = [];
  let [now, acts] = [0, 0];
  const surroundings: Surroundings = {
    now: () => now,
    signal: () => ({ desired: "run", by: "", reason: "" }),
    sleep: async (ms) => {
      now += ms;
    },
    append: async (more) => {
      events.push(...more);
    },
    raiseFences: async () => undefined,
    send: async (_, effect) => effect({ run: "1", epoch: 1, connection: 1, signal: new AbortController().signal }),
    progress: () => undefined,
  };
  const act: Act = async () => {
    acts++;
    return answer();
  };
  const turns: readonly Turn[] = [{ id: "n1", nodes: ["n1"], items: [{ id: "copy", phase: "stage", do: "copy", params: null }] }];
  const operations = { copy: { look: async () => ({ is: "open" as const }), act } };
  const driver = { operations, invariants: [], inspect: async () => ({ structure: {}, now: {} }) as unknown as Facts };
  const outcome = await run({ id: "1", driver, turns, events: [], surroundings });
  return { outcome, acts, events };
}

describe("an answer in words", () => {
  it("is tried again a few times, for its cause may pass", async () => {
    const { outcome, acts } = await answered(() => {
      throw new Refused("connection refused", { code: "SW3001" });
    });
    expect(outcome).toMatchObject({ is: "paused", code: "SW2106", step: "copy" });
    expect(acts).toBe(5);
  });

  it.each(["SW3012", "SW3013"] as const)("pauses at once with its own code when only a person can mend the cause: %s", async (code) => {
    const { outcome, acts } = await answered(() => {
      throw new Refused("host3: the disk is full", { code });
    });
    expect(outcome).toEqual({ is: "paused", code, step: "copy", why: "host3: the disk is full" });
    expect(acts).toBe(1);
  });

  it("pauses at once when it is no refusal of the host but a finding of the driver", async () => {
    const { outcome } = await answered(() => {
      throw new StillwaterError("SW1206", "another version");
    });
    expect(outcome).toMatchObject({ is: "paused", code: "SW1206" });
  });
});

it("no answer is not a failure: it is looked at again, and the act is repeated only when the look says that it is open", async () => {
  const { outcome, events } = await answered(() => {
    throw new Unreachable("no answer in 30 s", { code: "SW3003" });
  });
  expect(outcome).toMatchObject({ is: "paused", code: "SW2102" });
  expect(events.some(({ is }) => is === "refused")).toBe(false);
});
