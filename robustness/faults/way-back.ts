// `abort` and then `rollback`: every node is on the old version again, under load, measured by the probe.
import { documentOf } from "../harness/stillwater.ts";
import type { ClusterState, NodeState } from "../validators/postgres-state.ts";
import { delay, type Scenario, type Scene } from "./scene.ts";

/** Killed right after that step was done, so that the moment is the same every time; or, with `live`, aborted while it works. */
export const wayBack = (point: string, step: string, live = false): Scenario => ({
  name: `abort and rollback ${point}`,
  kind: "rollback",
  async play(scene) {
    const { stand } = scene;
    const before = await stand.state();
    await scene.load();
    if (live) {
      const apply = stand.start(await stand.applyArgs());
      try {
        await scene.reached("done", step);
        scene.expectExit("abort", await stand.call(["abort", "--reason", "the change was called off"]), 7);
        scene.expectExit("apply, aborted", await apply.ended, 7);
      } finally {
        apply.kill("SIGKILL");
      }
    } else {
      const killed = await stand.call(await stand.applyArgs(), scene.after(step));
      scene.expect(killed.signal === "SIGKILL", `not killed: ${String(killed.code)}`);
      scene.expectExit("abort", await stand.call(["abort", "--reason", "the change was called off"]), 7);
    }
    await rollBack(scene, before);
  },
});

async function rollBack(scene: Scene, before: ClusterState): Promise<void> {
  const { stand } = scene;
  const aborted = await stand.state();
  const changed = Object.values(aborted.nodes).some(({ version }) => version !== stand.cluster.releases.from);
  const planned = await stand.call(["rollback"]);
  if (changed) {
    scene.expectExit("rollback", planned, 0);
    const { name } = documentOf(planned) as { readonly name: string };
    scene.expectExit("rollback --yes", await stand.call(["rollback", "--yes", name]), 0);
    await delay(300); // so that rows are written after it too
    const report = await stand.report(await scene.lastRun());
    scene.expect(report?.["verdict"] === "pass", `the report of the rollback: ${String(report?.["verdict"])}`);
  } else {
    scene.expectExit("rollback, nothing to do", planned, 3);
    // Nothing is due on any node, or no step has ever acted.
    scene.expect(/"code": ?"(SW2109|SW2005)"/.test(planned.stdout), `rollback, nothing to do: ${planned.stdout.slice(0, 200)}`);
  }
  await scene.expectEnd("way back", { anyRestarts: true, verdicts: ["pass", "not-measured"] }, asBefore(before, await stand.state()));
}

/** What must be as before. The new release may lie beside the old one; the application's table came with the load. */
function asBefore(before: ClusterState, now: ClusterState): ClusterState {
  const nodes = Object.entries(before.nodes).map(([name, node]): readonly [string, NodeState] => {
    const after = now.nodes[name];
    return [
      name,
      after === undefined ? node : { ...node, releases: after.releases, tables: after.tables.filter((table) => !table.includes("stillwater")) },
    ];
  });
  return { ...before, nodes: Object.fromEntries(nodes) };
}
