// What the probe may never say.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until, type Scenario, type Scene } from "./scene.ts";

async function killSidecar(scene: Scene): Promise<void> {
  const file = join(scene.stand.stateDirectory, "runs", "1", "sidecar.process.json");
  const { pid } = JSON.parse(await readFile(file, "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

export const noProbe: Scenario = {
  name: "--no-probe: not measured, and it says so",
  kind: "no probe",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    scene.expectExit("apply --no-probe", await stand.call([...(await stand.applyArgs()), "--no-probe"]), 6);
    await scene.expectEnd("no probe", { verdicts: ["not-measured"] });
  },
};

export const deadProbe = (is: "acting" | "done" | "finished", step: RegExp | null): Scenario => ({
  name: `the probe is killed at ${is}${step === null ? "" : ` ${step.source}`}: never \`pass\` for what it did not see`,
  kind: "probe killed",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const apply = stand.start(await stand.applyArgs());
    try {
      await scene.reached(is, step);
      await killSidecar(scene);
      // After the last window it has seen everything: it is started again and concludes from its log.
      const seen = is !== "acting";
      scene.expectExit("apply", await apply.ended, seen ? [0, 6] : 6);
      await scene.expectEnd("dead probe", { verdicts: seen ? ["pass", "not-measured"] : ["not-measured"] });
    } finally {
      apply.kill("SIGKILL");
    }
  },
});

export const frozenProbe: Scenario = {
  name: "the probe is frozen over the switchover: never `pass`",
  kind: "probe frozen",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const apply = stand.start(await stand.applyArgs());
    try {
      await scene.reached("acting", /^move pg1/);
      const file = join(stand.stateDirectory, "runs", "1", "sidecar.process.json");
      const { pid } = JSON.parse(await readFile(file, "utf8")) as { pid: number };
      process.kill(pid, "SIGSTOP");
      await scene.reached("done", "tidy pg1");
      process.kill(pid, "SIGCONT");
      scene.expectExit("apply", await apply.ended, 6);
      await scene.expectEnd("frozen probe", { verdicts: ["not-measured"] });
    } finally {
      apply.kill("SIGKILL");
    }
  },
};

export const bothKilled: Scenario = {
  name: "worker and sidecar are killed together: resume finishes, and does not claim what was not measured",
  kind: "everything killed",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const apply = stand.start(await stand.applyArgs());
    await scene.reached("acting", /promote/);
    apply.kill("SIGKILL");
    await killSidecar(scene);
    await apply.ended;
    const resumed = await until("resume", 60_000, () => stand.call(["resume"]));
    scene.expectExit("resume", resumed, [0, 6]);
    await scene.expectEnd("both killed", { verdicts: ["pass", "not-measured"] });
  },
};
