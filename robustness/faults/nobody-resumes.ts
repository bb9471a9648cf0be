// The worker dies with a lease set and nobody comes: the watchdog puts back what is safe to put back; a resume sets it again, and puts it back at the end.
import { readFile } from "node:fs/promises";
import { until, type Scenario } from "./scene.ts";

/** With two standbys that must both have received each commit, one that restarts would stop all writes: so the rule is lowered for the run. */
const strict = "ANY 2 (pg1, pg2, pg3)";

export const nobodyResumes: Scenario = {
  name: "the worker is killed with a lease set and nobody resumes for 8 s",
  kind: "nobody resumes",
  cluster: { settings: { synchronous_standby_names: strict } },
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const rule = async (node = "pg1"): Promise<string> =>
      String((await scene.sql(node, "show synchronous_standby_names"))[0]?.["synchronous_standby_names"]);
    scene.expect((await rule()) === strict, `the rule is ${await rule()} before the run`);
    const apply = stand.start(await stand.applyArgs());
    await scene.reached("done", "tidy pg2");
    apply.kill("SIGKILL");
    await apply.ended;
    const lowered = await rule();
    scene.expect(lowered !== strict, "no lease was set, so this tries nothing");
    const killedAt = Date.now();
    await until("the watchdog to put the rule back", 20_000, async () => ((await rule()) === strict ? true : null)).catch((error: unknown) =>
      scene.expect(false, String(error)),
    );
    scene.expect(Date.now() - killedAt >= 4_000, "the watchdog did not wait for the operator");
    await until("the alert", 5_000, async () => ((await readFile(stand.alerts, "utf8").catch(() => "")).includes("orphaned") ? true : null)).catch(
      (error: unknown) => scene.expect(false, String(error)),
    );
    scene.expect(scene.count("released") === 1, `${scene.count("released")} releases in the journal`);
    const resuming = stand.start(["resume"]);
    await scene.reached("acting", "stop pg3");
    scene.expect((await rule()) === lowered, `the rule during the rest of the run is ${await rule()}`);
    scene.expectExit("resume", await resuming.ended, 0);
    await scene.expectEnd("nobody resumes");
    const [primary] = (await stand.state()).primaries;
    scene.expect((await rule(primary)) === strict, `the rule at the end is ${await rule(primary)}`);
  },
};
