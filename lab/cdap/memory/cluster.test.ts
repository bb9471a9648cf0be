import { describe, expect, it } from "vitest";
import type { Fence } from "../../../src/model/fence.ts";
import type { HttpReply, HttpRequest } from "../../../src/model/http.ts";
import { HOST, ENDPOINT, REPLACE, memoryCdap } from "./cluster.ts";

class Told extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
const errors = {
  refused: (message: string) => new Told("refused", message),
  unreachable: (message: string) => new Told("unreachable", message),
  fault: (code: string, message: string) => new Told(code, message),
};
const fence = (epoch: number): Fence => ({ run: "r", epoch, connection: 1, signal: new AbortController().signal });

describe("a whole CDAP in memory", () => {
  it("is asked straight and through its host, which refuses an older claim", async () => {
    const cdap = await memoryCdap({ apps: 12 });
    const host = cdap.host(errors);
    const http = cdap.http(errors);
    const ask = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpReply> =>
      cdap.world.run(http.request({ method: "GET", url: `http://${ENDPOINT}${path}`, timeoutMs: 1_000, ...more }));
    expect(await ask("/v3/version")).toMatchObject({ status: 200, body: '{"version":"6.8.3"}' });
    const active = cdap.platform.programs.all().filter(({ status, parent }) => status === "RUNNING" && parent === null);
    expect(active.filter(({ program }) => program.namespace !== "system")).toHaveLength(8);
    const stop = { method: "POST", through: { host, fence: fence(2) } } as const;
    const path = "/v3/namespaces/default/apps/clicks/spark/DataStreamsSparkStreaming/stop";
    expect((await ask(path, stop)).status).toBe(200);
    await expect(ask(path, { ...stop, through: { host, fence: fence(1) } })).rejects.toMatchObject({ code: "SW3010" });
    expect(host.name).toBe(HOST);
  });

  it("says whether anything was sent: refused while down, unreachable when the answer is lost", async () => {
    const cdap = await memoryCdap({ apps: 12 });
    const host = cdap.host(errors);
    const http = cdap.http(errors);
    const ask = (more: Partial<HttpRequest> = {}): Promise<HttpReply> =>
      cdap.world.run(http.request({ method: "GET", url: `http://${ENDPOINT}/v3/version`, timeoutMs: 1_000, ...more }));
    for (const more of [{}, { through: { host, fence: fence(1) } }]) {
      cdap.network.fault({ times: 1, fault: { kind: "lose-reply", as: "closed" } });
      await expect(ask(more)).rejects.toMatchObject({ code: "unreachable" });
    }
    cdap.stop();
    for (const more of [{}, { through: { host, fence: fence(1) } }]) await expect(ask(more)).rejects.toMatchObject({ code: "refused" });
  });

  it("is replaced by a command on its host, and its work goes on", async () => {
    const cdap = await memoryCdap({ apps: 12, release: "6.8.3" });
    const running = (): number => cdap.platform.programs.all().filter(({ end, program }) => end === null && program.namespace !== "system").length;
    const before = running();
    const { code } = await cdap.world.run(cdap.host(errors).run(fence(1), [REPLACE, "6.9.2"], { timeoutMs: 600_000 }));
    await cdap.world.advance(40_000);
    const reply = await cdap.world.run(cdap.http(errors).request({ method: "GET", url: `http://${ENDPOINT}/v3/version`, timeoutMs: 1_000 }));
    expect([code, reply.body]).toEqual([0, '{"version":"6.9.2"}']);
    expect(running()).toBe(before);
  });
});
