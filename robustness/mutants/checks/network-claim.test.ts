// Where no host can fence, the claim is proved by the journal immediately before the effect.
import { expect, it } from "vitest";
import { LiveSurroundings } from "../../../src/engine/live-surroundings.ts";
import { failpointsFrom } from "../../../src/engine/failpoints.ts";
import type { Claim, Store } from "../../../src/journal/store.ts";
import { ClaimLost } from "../../../src/model/errors.ts";

it("an effect over the network is not sent by a process that has lost its claim a moment ago", async () => {
  let lost = false;
  const store = {
    readSignal: () => Promise.resolve({ desired: "run", by: "", reason: "" }),
    append: () =>
      lost
        ? Promise.reject(new ClaimLost("somebody else took over"))
        : Promise.resolve({ until: Date.now() + 60_000, signal: { desired: "run", by: "", reason: "" }, entries: [] }),
  } as unknown as Store;
  const surroundings = new LiveSurroundings({
    store,
    claim: { cluster: "orders", epoch: 1, since: 0, until: Date.now() + 60_000 } as unknown as Claim,
    run: 1,
    hosts: {
      renew: () => Promise.resolve(),
      raise: () => Promise.resolve(),
      fence: (signal) => ({ run: "r", epoch: 1, connection: 1, signal }),
    },
    leaseMs: 60_000,
    failpoints: failpointsFrom(undefined),
    now: Date.now,
    entry: () => undefined,
    progress: () => undefined,
  });
  await surroundings.start();
  lost = true;
  let sent = false;
  const effect = surroundings.send(null, () => {
    sent = true;
  });
  await expect(effect, "wanted SW2003").rejects.toMatchObject({ code: "SW2003" });
  expect(sent).toBe(false);
  surroundings.stop();
});
