import { expect, test } from "vitest";
import type { DpCluster } from "../cluster.ts";
import { examine } from "./examine.ts";

const asked = async (records: readonly string[] | null, result = { code: 0, stdout: "", stderr: "" }) => {
  const query = async (argv: readonly string[]) => (expect(argv).toEqual(records), result);
  const cluster = { records, manager: null, application: { host: { query } } } as unknown as DpCluster;
  const [check] = await examine(cluster);
  return check;
};
const prints = (stdout: string) => asked(["records"], { code: 0, stdout, stderr: "" });

test("another upgrade that is configured or under way blocks, and no name overrides it", async () => {
  for (const status of ["Configuring", "Upgrading", "Verifying"]) {
    const check = await prints(
      JSON.stringify([
        { status: "Upgrade Succeeded", target: "V6.2.0" },
        { status, target: "V6.3.1" },
      ]),
    );
    expect(check).toMatchObject({ verdict: "blocker", what: `another upgrade is open: ${status} (V6.3.1)` });
    expect(check?.price).toBeUndefined();
  }
  expect(await prints('[{"status":"Upgrade Stopped"}]')).toMatchObject({ verdict: "passed" });
  expect(await prints("")).toMatchObject({ verdict: "passed" });
});
test("without a command, or with one that fails or prints something else, it is not measured", async () => {
  expect(await asked(null)).toMatchObject({ verdict: "not-measured" });
  expect(await prints("none open")).toMatchObject({ verdict: "not-measured" });
  expect(await prints("{}")).toMatchObject({ verdict: "not-measured" });
  expect(await prints('[{"status":"Upgrade Succeeded"},{"state":"Upgrading"}]')).toMatchObject({ verdict: "not-measured" });
  expect(await asked(["records"], { code: 2, stdout: "", stderr: "no such table" })).toMatchObject({
    verdict: "not-measured",
    what: expect.stringContaining("no such table") as string,
  });
});
