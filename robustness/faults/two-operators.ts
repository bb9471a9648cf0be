// Two operators at once: the second is refused by name, also with a journal of his own.
import { join } from "node:path";
import { hostname } from "node:os";
import { rm } from "node:fs/promises";
import type { Scenario } from "./scene.ts";

export const twoApplies: Scenario = {
  name: "two apply at once, from one journal and from two",
  kind: "two operators",
  // With the release to be staged the first is at work for long enough on any machine: three others are refused meanwhile.
  staged: false,
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const args = await stand.applyArgs();
    const other = join(stand.cluster.directory, "state.other");
    const first = stand.start(args);
    try {
      await scene.reached("acting", null);
      const holder = ["apply", hostname(), `pid ${first.pid}`];
      const [same, another] = await Promise.all([stand.call(args), stand.call(args, { stateDirectory: other })]);
      scene.expectExit("a second apply with the same journal", same, 5, "SW2001", "since", ...holder);
      scene.expectExit("a second apply with another journal", another, 5, "SW2002", "since", ...holder);
      scene.expectExit("resume meanwhile", await stand.call(["resume"]), 5, "SW2001");
      scene.expectExit("the first apply", await first.ended, 0);
      await scene.expectEnd("two apply at once");
    } finally {
      first.kill("SIGKILL");
      await rm(other, { recursive: true, force: true });
    }
  },
};

export const sameInstant: Scenario = {
  name: "three apply in the same instant, two of them with journals of their own",
  kind: "two operators",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const args = await stand.applyArgs();
    const others = ["state.b", "state.c"].map((name) => join(stand.cluster.directory, name));
    const calls = [stand.call(args), ...others.map((stateDirectory) => stand.call(args, { stateDirectory }))];
    const ended = await Promise.all(calls);
    const codes = ended.map(({ code }) => code);
    const winners = codes.filter((code) => code === 0).length;
    scene.expect(winners <= 1, `${winners} of three ended well`);
    scene.expect(codes.filter((code) => code === 5).length === 3 - winners, `exit codes ${codes.join(", ")}`);
    // All may have refused each other: then nobody has changed anything and the next one gets through.
    if (winners === 0) scene.expectExit("apply afterwards", await stand.call(args), 0);
    if (codes[0] === 0 || winners === 0) await scene.expectEnd("three at once");
    else {
      const winner = codes.indexOf(0);
      const state = await stand.state(stand.describe(others[winner - 1] ?? ""));
      scene.expect(state.leftovers.length === 0, `left: ${state.leftovers.join("; ")}`);
      scene.expect(JSON.stringify(Object.values(state.nodes).map(({ starts }) => starts)) === "[2,2,2]", "not one restart for each node");
    }
    await Promise.all(others.map((each) => rm(each, { recursive: true, force: true })));
  },
};
