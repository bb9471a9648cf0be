import { describe, expect, it } from "vitest";
import type { StepEvidence } from "../../model/driver.ts";
import type { StableProof } from "./operations/chunks-stable.ts";
import { prove } from "./prove.ts";
import { ddFacts, threeHosts } from "./testing/facts-fixture.ts";

const stable = (step: string, more: Partial<StableProof> = {}): StepEvidence => {
  const rows = { tablets: 24, replicas: 48, rows: 2_000, unequal: 0 };
  const proof: StableProof = { chunks: 24, constructing: 0, overReplicated: 0, polls: 3, rows, rowsWhy: "", ...more };
  return { step, do: "chunksStable", params: { polls: 3, everyMs: 500 }, proof };
};
const gates = [stable("chunks before"), stable("chunks h2"), stable("chunks h1", { rows: { tablets: 24, replicas: 48, rows: 2_600, unequal: 0 } })];

describe("system proof", () => {
  it("[DD-21] says what it covers: chunks, versions over replicas, rows", () => {
    const proof = prove(gates, ddFacts(), ddFacts());
    expect(proof.violations).toEqual([]);
    expect(proof.coverage).toBe(
      "24 chunks, each with 2 replicas of equal versions, at 3 gates before, between and after the hosts; rows of 24 tablets equal over replicas of equal versions",
    );
    expect(proof.objects.at(-1)?.evidence).toBe("2000 before the first host, 2600 after the last: written meanwhile");
  });
  it("without a gate nothing is covered", () => expect(prove([], ddFacts(), ddFacts()).coverage).toBeNull());
  it("nor when nobody can be asked at the end, which is a violation, too", () => {
    const proof = prove(gates, ddFacts(), ddFacts({ now: { chunks: null } }));
    expect(proof.coverage).toBeNull();
    expect(proof.violations).toHaveLength(1);
  });
  it.each([
    [{ recovering: 2 }, "2 RECOVERING"],
    [{ underReplicated: 1 }, "1 with fewer replicas"],
    [{ unequal: 3 }, "3 with replicas of unequal version"],
    [{ total: 23 }, "24 before, 23 at the end"],
  ])("chunks that are not as they should be are a violation: %o", (chunks, what) =>
    expect(
      prove(gates, ddFacts(), ddFacts({ chunks }))
        .violations.map((each) => each.what)
        .join(),
    ).toContain(what),
  );
  it("rows that could not be compared are said, not claimed", () => {
    const unknown = gates.map((gate) => ({ ...gate, ...stable(gate.step, { rows: null, rowsWhy: "this release cannot count them" }) }));
    expect(prove(unknown, ddFacts(), ddFacts()).coverage).toContain("rows not compared (this release cannot count them)");
  });
  it("another flavour is a violation", () => {
    const of = (flavour: string) => ddFacts({ nodes: threeHosts({ data1: { flavour } }) });
    expect(prove(gates, of("LINUX x86_64"), of("LINUX_ABI x86_64")).violations).toEqual([
      { object: "data1", what: "answers as LINUX_ABI x86_64, and was LINUX x86_64" },
    ]);
  });
  it("no chunk at all is said as that", () =>
    expect(prove([stable("chunks", { chunks: 0, rows: null })], ddFacts(), ddFacts({ chunks: { total: 0 } })).coverage).toContain(
      "there is no chunk",
    ));
});
