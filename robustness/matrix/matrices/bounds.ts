// A driver that wants more than the approved plan allows is stopped before it has changed anything.
import { greedyScenarios } from "../systems/greedy.ts";
import { Tally, type MatrixOptions } from "./tally.ts";

export async function bounds(options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  for (const scenario of greedyScenarios)
    await tally.attempt(scenario, scenario.name, {}, (result) => {
      const stopped = result.outcome?.is === "paused" && result.outcome.code === "SW2105";
      return [...(stopped ? [] : [`ended ${JSON.stringify(result.outcome)}`]), ...tally.held(result)];
    });
  return tally;
}
