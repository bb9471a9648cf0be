// Records of real-time pipelines through the whole lab: what the stop, the deployment and the start of facts 4.4 do to them.
import { expect, it } from "vitest";
import { AppsLab } from "../testing/apps-lab.ts";
import type { Account } from "./streaming-data.ts";

const PROGRAM = "spark/DataStreamsSparkStreaming";
interface Run {
  readonly runid: string;
  readonly status: string;
}
const runsOf = async (lab: AppsLab, app: string): Promise<readonly Run[]> => (await lab.ask("GET", `/apps/${app}/${PROGRAM}/runs`))[1] as Run[];
const account = async (lab: AppsLab, app: string): Promise<Account> =>
  ((await lab.cdap.control("oracle")) as Record<string, Account>)[`default/${app}`] ??
  (() => {
    throw new Error("no account");
  })();
/** Run a while, stop by run id or the whole program, deploy again, start, and run a while. */
const redeployed = async (app: string, stop: "run" | "program" = "run"): Promise<Account> => {
  const lab = await AppsLab.up("6.9.2", { site: { "feature.streaming.pipeline.native.state.tracking.enabled": "true" } });
  await lab.ask("POST", `/apps/${app}/${PROGRAM}/start`);
  await lab.pass(97_000);
  const [run] = await runsOf(lab, app);
  expect(run?.status).toBe("RUNNING");
  await lab.ask("POST", stop === "run" ? `/apps/${app}/${PROGRAM}/runs/${run?.runid ?? ""}/stop` : `/apps/${app}/${PROGRAM}/stop`);
  await lab.pass(60_000);
  expect(await runsOf(lab, app)).toMatchObject([{ status: "KILLED" }]);
  const [, detail] = await lab.ask("GET", `/apps/${app}`);
  const { artifact, configuration } = detail as { artifact: object; configuration: string };
  expect((await lab.ask("PUT", `/apps/${app}`, { artifact, config: configuration }))[0]).toBe(200);
  await lab.ask("POST", `/apps/${app}/${PROGRAM}/start`);
  await lab.pass(60_000);
  return account(lab, app);
};

it("with a write-ahead log nothing is lost when the run's own budget is enough [CD-8]", async () => {
  const { lost, delivered } = await redeployed("clicks");
  expect([lost, delivered > 1_000]).toEqual([0, true]);
});
it("the stop of the whole program has no budget: what was in flight goes with the checkpoint [CD-8]", async () => {
  expect((await redeployed("clicks", "program")).lost).toBeGreaterThan(0);
});
it("without a write-ahead log, or without checkpoints, the receiver's records are lost", async () => {
  expect((await redeployed("views")).lost).toBeGreaterThan(0);
  expect((await redeployed("sensors")).lost).toBeGreaterThan(0);
});
it("what the state store remembers outlives every deployment", async () => {
  expect((await redeployed("orders", "program")).lost).toBe(0);
});
it("a run whose write-ahead log has no checkpoint fails at its start", async () => {
  const lab = await AppsLab.up("6.9.2");
  await lab.ask("POST", `/apps/sensors/${PROGRAM}/start`, { "spark.streaming.receiver.writeAheadLog.enable": "true" });
  await lab.pass(60_000);
  expect(await runsOf(lab, "sensors")).toMatchObject([{ status: "FAILED" }]);
});
it("records outlive the server: a run goes on while the platform is replaced", async () => {
  const lab = await AppsLab.up("6.8.3");
  await lab.ask("POST", `/apps/clicks/${PROGRAM}/start`);
  await lab.pass(60_000);
  await lab.cdap.world.run(lab.cdap.replace("6.9.2"));
  await lab.pass(60_000);
  expect(await account(lab, "clicks")).toMatchObject({ lost: 0, produced: expect.any(Number) as number });
  expect(await runsOf(lab, "clicks")).toMatchObject([{ status: "RUNNING" }]);
});
