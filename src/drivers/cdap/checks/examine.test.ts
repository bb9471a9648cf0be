import { describe, expect, test } from "vitest";
import { Unreachable } from "../../../model/errors.ts";
import type { CommandResult, FileState, Host } from "../../../model/host.ts";
import type { CdapCluster } from "../open-cluster.ts";
import { appsGoal, factsOf, platformGoal } from "../testing/facts-fixture.ts";
import { examine } from "./examine.ts";

interface Words {
  readonly upgrade: CdapCluster["upgrade"];
  readonly answer?: CommandResult | Error;
  readonly file?: FileState;
}
const clusterOf = ({ upgrade, answer = { code: 0, stdout: "", stderr: "" }, file = { kind: "absent" } }: Words): CdapCluster => {
  const host = {
    name: "gateway",
    stat: async () => file,
    query: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Host;
  return {
    upgrade,
    checkpoints: {},
    router: { name: "router", role: "router", endpoint: "cdap:11015", hostName: "gateway", host },
  } as unknown as CdapCluster;
};
const kubernetes = { by: "kubernetes", namespace: "cdap", resource: "x", image: "cdap" } as const;
const resource = (image: string): CommandResult => ({ code: 0, stdout: JSON.stringify({ spec: { image }, status: {} }), stderr: "" });
const verdicts = async (words: Words, version = "6.9.2"): Promise<readonly string[]> =>
  (await examine(clusterOf(words), factsOf(), platformGoal(version))).map(({ code, verdict }) => `${code} ${verdict}`);

describe("how CDAP is replaced", () => {
  test("by a person: said", async () => {
    expect(await verdicts({ upgrade: { by: "operator" } })).toEqual(["replace passed"]);
  });
  test("by a command: it is there, or refused before anything is stopped", async () => {
    const upgrade: CdapCluster["upgrade"] = { by: "command", command: ["/opt/cdap/replace"] };
    const file: FileState = { kind: "file", bytes: 1, mode: "755", modifiedS: 0 };
    expect(await verdicts({ upgrade, file })).toEqual(["replace passed"]);
    expect(await verdicts({ upgrade })).toEqual(["replace blocker"]);
    expect(await verdicts({ upgrade: { by: "command", command: ["replace"] } })).toEqual(["replace not-measured"]);
  });
  test("by the operator of Kubernetes: as it reads the images", async () => {
    expect(await verdicts({ upgrade: kubernetes, answer: resource("cdap:6.8.3") })).toEqual(["operator-tag passed"]);
    expect(await verdicts({ upgrade: kubernetes, answer: resource("cdap:6.9") })).toEqual(["operator-tag blocker"]);
  });
  test.each([
    ["kubectl fails", { code: 1, stdout: "", stderr: "no such context" }, "replace blocker"],
    ["another resource", { code: 0, stdout: "{}", stderr: "" }, "replace blocker"],
    ["no JSON", { code: 0, stdout: "<html>", stderr: "" }, "replace not-measured"],
    ["the host is away", new Unreachable("gateway did not answer"), "replace not-measured"],
  ] as const)("%s", async (_, answer, expected) => {
    expect(await verdicts({ upgrade: kubernetes, answer })).toEqual([expected]);
  });
  test("is not asked for applications alone", async () => {
    expect(await examine(clusterOf({ upgrade: kubernetes }), factsOf(), appsGoal())).toEqual([]);
  });
});
