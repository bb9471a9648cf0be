import { describe, expect, it } from "vitest";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpRequest } from "../../../model/http.ts";
import { ServerDouble, value, type Answer, type Asked } from "../testing/server-double.ts";
import { errorLine, isUnknownFunction, Malformed, ServerRefused } from "./errors.ts";
import { WireRpc, type KnownServer } from "./wire-rpc.ts";

const servers: readonly KnownServer[] = [
  { name: "c1", role: "controller", alias: "ctl1", endpoint: "h1:8800" },
  { name: "c2", role: "controller", alias: "ctl2", endpoint: "h2:8800" },
  { name: "c3", role: "controller", alias: "ctl3", endpoint: "h3:8800" },
  { name: "d1", role: "datanode", alias: "node1", endpoint: "h1:8802" },
];
const secret = "hunter2";
const asMatch = (text: string): unknown => expect.stringContaining(text);
function stand(answers: (asked: Asked) => Answer | null, http: (request: HttpRequest) => string = () => "", known = servers) {
  const double = new ServerDouble(answers);
  const sent: HttpRequest[] = [];
  const rpc = new WireRpc({
    servers: known,
    transport: double,
    http: {
      request: (request) => {
        sent.push(request);
        return Promise.resolve({ status: 200, body: http(request) });
      },
    },
    credentials: { user: "admin", password: () => Promise.resolve(secret) },
    now: () => 0,
  });
  return { double, sent, rpc };
}
const leaderIs =
  (alias: string | null) =>
  (asked: Asked): Answer | null =>
    asked.what === "getActiveMaster" ? value(alias) : null;

describe("questions", () => {
  it("one session a node, opened once, questions one after another", async () => {
    const { double, rpc } = stand(({ what }) => (what === "version" ? value("2.00.8.12 2023.01.10") : null));
    expect(await Promise.all([rpc.call("d1", "version"), rpc.call("d1", "version")])).toEqual(["2.00.8.12 2023.01.10", "2.00.8.12 2023.01.10"]);
    expect(double.whatOf("h1:8802")).toEqual(["connect admin", "version", "version"]);
    await rpc.close();
  });
  it("a session that broke since the last question is opened again; one that breaks under the question twice is told", async () => {
    const { double, rpc } = stand(({ what }) => (what === "version" ? value("3.00.0 2024.03.31 LINUX x86_64") : what === "now" ? "cut" : null));
    await rpc.call("d1", "version");
    double.cut("h1:8802");
    expect(await rpc.call("d1", "version")).toContain("3.00.0");
    await expect(rpc.call("d1", "now")).rejects.toThrow(Unreachable);
    expect(double.whatOf("h1:8802").filter((what) => what === "now")).toHaveLength(2);
  });
  it("nobody listens, no answer, a strange answer and an error in words are four different things", async () => {
    const { double, rpc } = stand(({ what }) => {
      if (what === "hangs") return "silent";
      if (what === "garbage") return { bytes: Buffer.from("HTTP/1.1 404 Not Found\r\n\r\n") };
      return what === "refuses" ? { error: "The node is shutting down. RefId: S00005" } : null;
    });
    double.down.add("h2:8800");
    double.strange.add("h3:8800");
    await expect(rpc.call("c2", "version")).rejects.toThrow(Refused);
    await expect(rpc.call("c3", "version")).rejects.toThrow(Malformed);
    const silence = await rpc.call("d1", "hangs").catch((error: unknown) => error);
    expect(silence).toBeInstanceOf(Unreachable);
    expect(silence).not.toBeInstanceOf(Refused);
    await expect(rpc.call("d1", "garbage")).rejects.toThrow(Malformed);
    await expect(rpc.call("d1", "refuses")).rejects.toMatchObject({ name: "ServerRefused", refId: "S00005", tag: null });
  });
  it("a wrong password is told with what to do, and without the password", async () => {
    const { rpc } = stand(({ what }) => (what.startsWith("connect") ? { error: "The user name or password is incorrect." } : null));
    const error = await rpc.call("d1", "version").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServerRefused);
    expect(error).toMatchObject({ remedy: "Check user and password under `authorization` in the cluster file." });
    expect(JSON.stringify([String(error), error])).not.toContain(secret);
  });
  it("tags and RefIds are told apart (facts 3.4)", () => {
    expect(errorLine("<ChunkInTransaction>chunk 12 is locked")).toEqual({ tag: "ChunkInTransaction", refId: null, words: "chunk 12 is locked" });
    expect(errorLine("<Unheard>of")).toEqual({ tag: null, refId: null, words: "<Unheard>of" });
    expect(errorLine("No available replica. RefId: S01012")).toMatchObject({ refId: "S01012" });
    expect(isUnknownFunction(new ServerRefused("d1", "f", "Cannot recognize the token getUnresolvedTxn. RefId: S00015"))).toBe(true);
    expect(isUnknownFunction(new ServerRefused("d1", "f", "No. RefId: S00005"))).toBe(false);
  });
});

describe("the controller that leads", () => {
  it("is the one that names itself", async () => {
    const { double, rpc } = stand(leaderIs("ctl2"));
    expect(await rpc.leader()).toBe("c2");
    expect(await rpc.leader()).toBe("c2");
    // Remembered: the second time it alone is asked.
    expect(double.asked.filter(({ what }) => what === "getActiveMaster").map(({ server }) => server)).toEqual(["h1:8800", "h2:8800", "h2:8800"]);
  });
  it("is found by <NotLeader>", async () => {
    const { rpc } = stand(({ server, what }) => {
      if (what !== "getActiveMaster") return null;
      return server === "h3:8800" ? value("ctl3") : { error: "<NotLeader>h3:8800:ctl3" };
    });
    expect(await rpc.leader()).toBe("c3");
  });
  it("is not one that is only named: it must answer itself", async () => {
    const { double, rpc } = stand(leaderIs("ctl1"));
    double.down.add("h1:8800");
    const error = await rpc.leader().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).toMatchObject({ why: [asMatch("ECONNREFUSED"), "c2 names ctl1", "c3 names ctl1"] });
  });
  it("is the only one there is, in a cluster without Raft, whether it names itself or nobody", async () => {
    const alone = servers.filter(({ name }) => name === "c1" || name === "d1");
    const without = stand(leaderIs(null), () => "", alone);
    expect(await without.rpc.leader()).toBe("c1");
    without.double.down.add("h1:8800");
    without.double.cut("h1:8800");
    await expect(without.rpc.leader()).rejects.toThrow("no controller leads");
  });
  it("is nobody while an election runs", async () => {
    await expect(stand(leaderIs(null)).rpc.leader()).rejects.toThrow("no controller leads");
  });
});

describe("effects", () => {
  const fence = { run: "r", epoch: 1, connection: 1, signal: new AbortController().signal };
  const host = { name: "h1" } as Host;
  const decoded = ({ body }: HttpRequest): { functionName: string; params: { value: string }[] } => JSON.parse(body ?? "") as never;

  it("are one JSON request through the host, which logs in and does one thing", async () => {
    const { sent, rpc } = stand(
      () => null,
      () => `{"sessionID":"12","resultCode":"0","msg":"","object":[{"name":"","form":"scalar","type":"int","value":30}]}`,
    );
    expect(await rpc.effect("c1", "getDatanodeRestartInterval()", { host, fence })).toBe(30);
    const [request] = sent;
    expect(request).toMatchObject({ method: "POST", url: "http://h1:8800/", through: { host, fence } });
    const body = decoded(request as HttpRequest);
    expect(body.functionName).toBe("executeCode");
    expect(decodeURIComponent(body.params[0]?.value ?? "")).toBe(`login("admin", "${secret}"); getDatanodeRestartInterval()`);
  });
  it("an error is ServerRefused, and its words never carry the password", async () => {
    const { rpc } = stand(
      () => null,
      () =>
        JSON.stringify({
          sessionID: "1",
          resultCode: "1",
          msg: `login("admin", "${secret}"); suspendRecovery() => Only admin\ncan. RefId: S04001`,
          object: [],
        }),
    );
    const error = await rpc.effect("c1", "suspendRecovery()", { host, fence }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServerRefused);
    expect(error).toMatchObject({ refId: "S04001" });
    expect(String(error)).not.toContain(secret);
    expect(String(error)).toContain("***");
  });
  it("an answer that is no JSON of DolphinDB is malformed, and nothing is sent for a fence whose time is over", async () => {
    const { sent, rpc } = stand(
      () => null,
      () => "<html>",
    );
    await expect(rpc.effect("c1", "f()", { host, fence })).rejects.toThrow(Malformed);
    await expect(rpc.effect("c1", "f()", { host, fence: { ...fence, signal: AbortSignal.abort() } })).rejects.toThrow("the time for it is over");
    expect(sent).toHaveLength(1);
  });
});
