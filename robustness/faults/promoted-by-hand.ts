// While nobody serves writes and the run stands still, a person does what he has learnt: he promotes a standby. It is not the one of the plan.
import type { Scenario, Scene } from "./scene.ts";

const planned = (scene: Scene): string | null =>
  scene
    .journal()
    .flatMap(({ event }) => (event.is === "expanded" ? [/"move pg1\/0\.promote (\w+)"/.exec(JSON.stringify(event["into"]))?.[1] ?? null] : []))
    .find((node) => node !== null) ?? null;

async function leaders(scene: Scene, nodes: readonly string[]): Promise<readonly string[]> {
  const asked = nodes.map(async (node) => {
    const [row] = await scene.sql(node, "select pg_is_in_recovery() as standby");
    return row?.["standby"] === false ? [node] : [];
  });
  return (await Promise.all(asked)).flat();
}

export const promotedByHand: Scenario = {
  name: "another standby is promoted by hand between stop and promotion: there is no second primary",
  kind: "another promotion",
  async play(scene) {
    const { stand } = scene;
    const killed = await stand.call(await stand.applyArgs(), scene.after("move pg1/0.stop pg1"));
    scene.expect(killed.signal === "SIGKILL", `not killed: ${String(killed.code)}`);
    const candidate = planned(scene);
    const standbys = ["pg2", "pg3"];
    const other = standbys.find((node) => node !== candidate) ?? "pg3";
    scene.expect(candidate !== null, "the journal names nobody to be promoted");
    await scene.sql(other, "select pg_promote()");
    for (const [verb, said] of [
      [["resume"], `${other} serves as the primary`],
      [["resume"], `${other} serves as the primary`],
      // It puts back what it can; the cluster is not whole until the person mends what he did.
      [["abort", "--reason", "the change was called off"], "does not stream from the primary"],
    ] as const) {
      scene.expectExit(verb.join(" "), await stand.call(verb, { withinMs: 240_000 }), 4, said);
      const lead = await leaders(scene, standbys);
      scene.expect(lead.join() === other, `after ${verb.join(" ")} ${lead.join(" and ")} lead`);
    }
    const former = await leaders(scene, ["pg1"]).catch(() => []);
    scene.expect(former.length === 0, "the former primary leads beside it");
  },
};
