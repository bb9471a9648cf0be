import { beforeEach, describe, expect, it } from "vitest";
import { NoReply } from "../../kit/network.ts";
import { API, STREAM, TestLab } from "./testing/lab.ts";
import { DURATIONS } from "./settings.ts";

const AUTH = {
  endpoint: "cdap:10009",
  users: { admin: { password: "secret", may: "all" }, viewer: { password: "seen", may: "reads" } },
  tokenSeconds: 60,
} as const;
const stream = "/apps/jobs/spark/stream";

describe("the server (facts 1, 8.11 to 8.13)", () => {
  let lab: TestLab;

  describe("perimeter security", () => {
    const token = async (user: string, password: string): Promise<{ readonly status: number; readonly token: string; readonly body: string }> => {
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
      const request = { method: "GET", path: "/token", headers: { authorization }, body: "" };
      const { status, body } = await lab.world.run(lab.network.call("me:1", AUTH.endpoint, request, 1_000));
      return { status, body, token: status === 200 ? (JSON.parse(body) as { access_token: string }).access_token : "" };
    };
    const bearer = (own: string): Record<string, string> => ({ authorization: `Bearer ${own}` });

    beforeEach(async () => {
      lab = await TestLab.up({ auth: AUTH });
    });

    it("without a token 401 tells where tokens are; /ping needs none", async () => {
      const { status, headers, body } = await lab.call("GET", "/v3/version");
      expect([status, JSON.parse(body)]).toEqual([401, { auth_uri: ["http://cdap:10009/token"] }]);
      expect(headers?.["www-authenticate"]).toBe('Bearer realm="cdap"');
      expect((await lab.call("GET", "/ping")).status).toBe(200);
    });

    it("a token serves until its time is over, and then says so", async () => {
      expect((await token("admin", "wrong")).status).toBe(401);
      const { token: own, body } = await token("admin", "secret");
      expect(JSON.parse(body)).toEqual({ access_token: own, token_type: "Bearer", expires_in: 60 });
      expect((await lab.call("GET", "/v3/version", undefined, bearer(own))).body).toBe('{"version":"6.9.2"}');
      await lab.pass(61_000);
      const late = await lab.call("GET", "/v3/version", undefined, bearer(own));
      expect([late.status, JSON.parse(late.body)]).toMatchObject([401, { error: "invalid_token", error_description: "Expired token." }]);
      expect((await lab.call("GET", "/v3/version", undefined, bearer((await token("admin", "secret")).token))).status).toBe(200);
    });

    it("tokens survive the server; the lab can end their time", async () => {
      const { token: own } = await token("admin", "secret");
      await lab.restart();
      expect((await lab.call("GET", "/v3/version", undefined, bearer(own))).status).toBe(200);
      await lab.call("POST", "/lab/expire-tokens");
      expect((await lab.call("GET", "/v3/version", undefined, bearer(own))).status).toBe(401);
    });

    it("who may only read is refused what changes something, and the configuration", async () => {
      const { token: own } = await token("viewer", "seen");
      const ask = async (method: string, path: string): Promise<number> => (await lab.call(method, path, undefined, bearer(own))).status;
      expect(await ask("GET", `/v3/namespaces/default${stream}/status`)).toBe(200);
      expect(await ask("POST", `/v3/namespaces/default${stream}/start`)).toBe(403);
      expect(await ask("GET", "/v3/config/cdap?format=json")).toBe(403);
    });
  });

  describe("start and restart", () => {
    beforeEach(async () => {
      lab = await TestLab.up();
    });

    it("refuses connections while down, answers /ping at once and 503 until appfabric is there, then NOTOK of what is not", async () => {
      const { cluster } = lab.platform;
      cluster.stop();
      await expect(lab.call("GET", "/ping")).rejects.toBeInstanceOf(NoReply);
      const up = lab.restart();
      await up;
      const services = async (): Promise<Record<string, string>> =>
        JSON.parse((await lab.call("GET", "/v3/system/services/status")).body) as Record<string, string>;
      expect(await services()).toMatchObject({ appfabric: "OK", metrics: "NOTOK" });
      await lab.pass(10_000);
      expect(await services()).toMatchObject({ appfabric: "OK", metrics: "OK" });
      await lab.call("POST", "/v3/system/services/appfabric/restart");
      expect((await lab.call("GET", "/ping")).status).toBe(200);
      expect((await lab.call("GET", "/v3/version")).status).toBe(503);
      await lab.pass(DURATIONS.appfabric);
      expect((await lab.call("GET", "/v3/version")).status).toBe(200);
    });

    it("answers 503 to the next calls if the lab is told to, and NOTOK of a service", async () => {
      await lab.call("POST", "/lab/unavailable", { calls: 2 });
      const statuses = [];
      for (let call = 0; call < 3; call += 1) statuses.push((await lab.call("GET", "/v3/version")).status);
      expect(statuses).toEqual([503, 503, 200]);
      await lab.call("POST", "/lab/service", { name: "metrics", ok: false });
      await lab.pass(60_000);
      expect((await lab.call("GET", "/v3/system/services/metrics/status")).body).toBe('{"status":"NOTOK"}');
      expect((await lab.call("GET", "/v3/system/services/none/status")).status).toBe(404);
    });

    it("its configuration names the budget", async () => {
      lab = await TestLab.up({ site: { "app.program.max.stop.seconds": "900" } });
      const configuration = JSON.parse((await lab.call("GET", "/v3/config/cdap?format=json")).body) as Record<string, string>;
      expect(configuration).toMatchObject({ "app.program.max.stop.seconds": "900", "app.program.terminator.interval.secs": "300" });
    });

    it("runs, what they are about to do, and schedules survive it", async () => {
      lab.behave(STREAM, { drainMs: 100_000 });
      lab.platform.schedules.add("default", "batch", {
        name: "each-minute",
        program: { programName: "pipeline", programType: "WORKFLOW" },
        trigger: { type: "TIME", cronExpression: "*/5 * * * *" },
      });
      await lab.ask("POST", "/apps/batch/schedules/each-minute/enable");
      const run = await lab.running(STREAM);
      await lab.ask("POST", `${stream}/runs/${run.id}/stop`);
      await lab.pass(600);
      await lab.restart(10_000);
      expect(lab.run(run.id)).toMatchObject({ status: "STOPPING", stopping: run.stopping });
      await lab.pass(80_000);
      expect(lab.run(run.id)).toMatchObject({ status: "KILLED", forced: false });
      await lab.pass(300_000);
      expect(lab.platform.programs.all().filter(({ program }) => program.app === "batch" && program.type === "WORKFLOW")).toHaveLength(1);
    });

    it("a message that was sent before it arrives after it", async () => {
      const run = await lab.running(STREAM);
      await lab.ask("POST", `${stream}/runs/${run.id}/stop`);
      await lab.restart(1_000);
      await lab.pass(3_000);
      expect(lab.run(run.id).status).toBe("KILLED");
    });

    it("may turn running programs to FAILED (CDAP-18680), or leave starting ones (CDAP-16085)", async () => {
      lab = await TestLab.up({ onRestart: "fail" });
      const failed = await lab.running(STREAM);
      await lab.restart();
      expect(lab.run(failed.id)).toMatchObject({ status: "FAILED", forced: true });
      lab = await TestLab.up({ onRestart: "stuck-starting" });
      lab.behave(STREAM, { startMs: 10_000 });
      const kept = await lab.running(API);
      const id = lab.platform.programs.start(STREAM);
      await lab.pass(3_000);
      await lab.restart();
      await lab.pass(3_600_000);
      expect([lab.run(id).status, lab.run(kept.id).status]).toEqual(["STARTING", "RUNNING"]);
    });

    it("controllers can be lost while programs run", async () => {
      const run = await lab.running(STREAM);
      await lab.call("POST", "/lab/lose-controller", { run: run.id });
      await lab.ask("POST", `${stream}/runs/${run.id}/stop`);
      await lab.pass(3_600_000);
      expect(run.status).toBe("STOPPING");
      await lab.call("POST", "/lab/end-run", { run: run.id });
      expect(run).toMatchObject({ status: "KILLED", forced: true });
    });
  });

  it("ignores unknown query parameters, and says 404 for unknown routes", async () => {
    lab = await TestLab.up();
    expect((await lab.ask("GET", `${stream}/status?nonsense=1`))[0]).toBe(200);
    expect((await lab.call("GET", "/v3/nonsense")).status).toBe(404);
    expect((await lab.call("POST", "/lab/nonsense")).status).toBe(404);
  });
});
