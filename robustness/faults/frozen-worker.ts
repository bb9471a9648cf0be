// SIGSTOP beyond the claim: a second worker finishes, the first wakes up and does nothing.
import type { Ended } from "../harness/stillwater.ts";
import { delay, until, type Scenario } from "./scene.ts";

/** Frozen at the first act of that step. */
export const frozenWorker = (step: RegExp, is: "acting" | "done" = "acting"): Scenario => ({
  name: `SIGSTOP of the worker at ${is} ${step.source} while another finishes, then SIGCONT`,
  kind: "SIGSTOP",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const first = stand.start(await stand.applyArgs());
    try {
      await scene.reached(is, step);
      first.kill("SIGSTOP");
      const early = await stand.call(["resume"]);
      scene.expectExit("resume while the claim lasts", early, 5, "SW2001");
      let refusals = 0;
      const second = await until<Ended>("the claim to expire and the second worker to finish", 120_000, async () => {
        const ended = await stand.call(["resume"]);
        if (ended.code !== 5 || ++refusals > 60) return ended;
        await delay(500);
        return null;
      });
      scene.expectExit("resume by the second worker", second, [0, 6]);
      const [state, events] = [await stand.state(stand.describe("/nonexistent")), scene.journal().length];
      first.kill("SIGCONT");
      const woken = await Promise.race([first.ended, delay(20_000, null, { ref: false })]);
      if (woken) scene.expectExit("the frozen worker", woken, 5, "SW2003");
      else scene.expect(false, "the frozen worker did not end within 20 s");
      scene.expect(scene.journal().length === events, `the frozen worker wrote ${scene.journal().length - events} events`);
      scene.expectSame("after SIGCONT", await stand.state(), { ...state, leftovers: [] });
      // A probe that lived through it may have measured; a restart by the frozen helper would be one too many.
      await scene.expectEnd("frozen worker", { verdicts: ["pass", "not-measured"] });
    } finally {
      first.kill("SIGKILL");
    }
  },
});
