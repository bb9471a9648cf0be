import { describe, expect, test } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import { factsOf } from "./testing/facts-fixture.ts";
import { prove } from "./prove.ts";

const answered = (...answers: readonly { readonly statusCode: number; readonly error?: string }[]): StepEvidence => ({
  step: "stop programs",
  do: "stopPrograms",
  params: { inputs: answers.map((_, index) => ({ appId: `app-${String(index)}` })), stop: { grace: "server", budgetSeconds: 300, query: "" } },
  proof: { answers: answers.map((answer, input) => ({ input, ...answer, runs: [] })) },
});
const violationsOf = (evidence: StepEvidence): readonly string[] =>
  prove([evidence], factsOf(), factsOf()).violations.map(({ object, what }) => `${object} ${what}`);

describe("a stop of what was named", () => {
  test("holds where it was stopped, now or before", () => {
    const found = violationsOf(
      answered(
        { statusCode: 200 },
        { statusCode: 400, error: "default.a.spark.P is not running: it is stopped already" },
        { statusCode: 400, error: "nothing of it runs: it is stopped already" },
        { statusCode: 400, error: "run r1 is not running: it is KILLED" },
      ),
    );
    expect(found).toEqual([]);
  });
  test("is proved also where nothing was left to be stopped: a second one says the same", () => {
    const { coverage } = prove([answered({ statusCode: 400, error: "nothing of it runs: it is stopped already" })], factsOf(), factsOf());
    expect(coverage).toBe("1 input looked for over all versions, each with its answer");
  });
  test("does not where nothing could be meant by it", () => {
    const found = violationsOf(
      answered(
        { statusCode: 404, error: "there is no application default.app-0" },
        { statusCode: 400, error: "'Spork' is no program type: mapreduce, services, spark, workers or workflows" },
        { statusCode: 400, error: "run r2 was started by the workflow run r1: stop the workflow" },
      ),
    );
    expect(found).toHaveLength(3);
    expect(found[0]).toBe('{"appId":"app-0"} there is no application default.app-0');
  });
});
