import { describe, expect, test } from "vitest";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../../../model/http.ts";
import { fenceOf } from "../testing/opened-lab.ts";
import { CdapApi } from "./api.ts";
import { CdapClient } from "./client.ts";
import { CdapRefused, wordsOf } from "./errors.ts";
import { Tokens, type Authorization } from "./tokens.ts";

const challenge = JSON.stringify({ auth_uri: ["http://cdap:10009/token"] });
const run = { ns: "default", app: "a", type: "spark", program: "P", runId: "r" } as const;

interface Double {
  readonly api: CdapApi;
  readonly tokens: Tokens;
  readonly requests: HttpRequest[];
  waited: number;
}
function double(
  answer: (request: HttpRequest) => HttpReply | Error,
  authorization: Authorization = { by: "nobody" },
  url = "http://cdap:11015",
): Double {
  const requests: HttpRequest[] = [];
  const http: HttpClient = {
    async request(request) {
      requests.push(request);
      const reply = answer(request);
      if (reply instanceof Error) throw reply;
      return reply;
    },
  };
  const tokens = new Tokens(authorization, http, () => 1_000_000);
  const host = { name: "gateway" } as Host;
  const made: Double = { api: new CdapApi(client()), tokens, requests, waited: 0 };
  function client(): CdapClient {
    return new CdapClient({ http, url, host, tokens, patienceMs: 2_000, wait: async (ms) => void (made.waited += ms) });
  }
  return made;
}
const byPassword = (password = "secret"): Authorization => ({ by: "password", user: "ana", password: async () => password, server: null });
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const bearer = ({ headers }: HttpRequest): string | undefined => headers?.["authorization"];

describe("the access token", () => {
  /** Gives t1, t2, ... and accepts only the newest. */
  function server(life = 86_400) {
    let issued = 0;
    let accepted = "";
    const answer = (request: HttpRequest): HttpReply => {
      if (request.url.includes(":10009")) {
        if (bearer(request) !== `Basic ${Buffer.from("ana:secret").toString("base64")}`) return { status: 401, body: "wrong" };
        accepted = `t${String(++issued)}`;
        return { status: 200, body: JSON.stringify({ access_token: accepted, token_type: "Bearer", expires_in: life }) };
      }
      if (accepted === "" || bearer(request) !== `Bearer ${accepted}`) return { status: 401, body: challenge };
      return { status: 200, body: request.url.endsWith("/version") ? '{"version":"6.9.2"}' : "" };
    };
    return { answer, expire: () => (accepted = "none"), issued: () => issued };
  }

  test("comes from the authentication server that the 401 names", async () => {
    const { answer, issued } = server();
    const { api } = double(answer, byPassword());
    expect(await api.version()).toBe("6.9.2");
    expect(await api.version()).toBe("6.9.2");
    expect(issued()).toBe(1);
  });
  test("is renewed in the middle, for an effect too, which a 401 has not done", async () => {
    const { answer, expire, issued } = server();
    const { api, requests } = double(answer, byPassword());
    await api.version();
    expire();
    expect((await api.stopRun(fenceOf(), run)).status).toBe(200);
    expect(issued()).toBe(2);
    expect(requests.filter(({ url }) => url.endsWith("/stop")).map(bearer)).toEqual(["Bearer t1", "Bearer t2"]);
  });
  test("is asked for once, however many requests find it expired", async () => {
    const { answer, expire, issued } = server();
    const { api } = double(answer, byPassword());
    await api.version();
    expire();
    await Promise.all(Array.from({ length: 20 }, () => api.version()));
    expect(issued()).toBe(2);
  });
  test("is renewed before it expires when its life is known", async () => {
    const { answer, issued } = server(20);
    const { api } = double(answer, byPassword());
    await api.version();
    await api.version();
    expect(issued()).toBeGreaterThan(1);
  });
  test("with a wrong password: refused, in words without the password", async () => {
    const { answer } = server();
    const error = await failureOf(double(answer, byPassword("wrong-secret")).api.version());
    expect(error).toBeInstanceOf(CdapRefused);
    expect(String(error)).not.toContain("wrong-secret");
    expect((error as CdapRefused).remedy).toContain("password");
  });
  test("without any: refused, with what to do", async () => {
    const error = await failureOf(double(() => ({ status: 401, body: challenge })).api.version());
    expect(error).toBeInstanceOf(CdapRefused);
    expect((error as CdapRefused).remedy).toContain("authorization");
  });
  test("a reference is read again when its token is refused", async () => {
    const values = ["old", "new"];
    const authorization: Authorization = { by: "token", read: async () => values.shift() ?? "new", renewable: true };
    const { api, tokens } = double(
      (request) => ({ status: bearer(request) === "Bearer new" ? 200 : 401, body: '{"version":"6.9.2"}' }),
      authorization,
    );
    expect(await api.version()).toBe("6.9.2");
    expect(tokens.life()).toEqual({ expiresAt: null, renewable: true });
  });
  test("never appears in what is told", async () => {
    const authorization: Authorization = { by: "token", read: async () => "very-secret", renewable: false };
    const { api } = double((request) => ({ status: 400, body: `bad header ${bearer(request) ?? ""}` }), authorization);
    const error = await failureOf(api.version());
    expect(String(error)).toContain("bad header");
    expect(String(error)).not.toContain("very-secret");
  });
});

describe("a service that is not there", () => {
  test("is waited for by a read, with a deadline", async () => {
    const made = double(() => ({ status: 503, body: "No endpoint" }));
    const error = await failureOf(made.api.version());
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
    expect(made.waited).toBeGreaterThanOrEqual(2_000);
  });
  test("is not waited for where one answer is enough", async () => {
    const made = double(() => ({ status: 503, body: "" }));
    await failureOf(made.api.version(0));
    expect(made.waited).toBe(0);
    expect(made.requests).toHaveLength(1);
  });
  test.each([500, 502, 503, 504])("leaves an effect unknown, and is not asked twice (%i)", async (status) => {
    const made = double(() => ({ status, body: "x" }));
    const error = await failureOf(made.api.stopRun(fenceOf(), run));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
    expect(made.requests).toHaveLength(1);
  });
});

describe("an effect", () => {
  test("goes through the host over http, with the fence, and says so", async () => {
    const { api, requests } = double(() => ({ status: 200, body: "" }));
    const fence = fenceOf(7);
    await api.stopRun(fence, run);
    expect(api.via).toBe("gateway");
    expect(requests[0]?.through).toMatchObject({ host: { name: "gateway" }, fence: { epoch: 7 } });
    expect(requests[0]?.url).toBe("http://cdap:11015/v3/namespaces/default/apps/a/spark/P/runs/r/stop");
  });
  test("cannot go through a host over https: it is unfenced", async () => {
    const { api, requests } = double(() => ({ status: 200, body: "" }), { by: "nobody" }, "https://df.example/api");
    await api.stopRun(fenceOf(), run);
    expect(api.via).toBeNull();
    expect(requests[0]?.through).toBeUndefined();
  });
  test("is answered with the status, in plain words whatever their form: 400 is an answer", async () => {
    const { api } = double(() => ({ status: 400, body: `"Program 'program:x' is not running."` }));
    expect(await api.stopRun(fenceOf(), run)).toEqual({ status: 400, words: "Program 'program:x' is not running." });
  });
  test("is not sent when its time is over", async () => {
    const { api, requests } = double(() => ({ status: 200, body: "" }));
    const fence = { ...fenceOf(), signal: AbortSignal.abort() };
    expect(await failureOf(api.stopRun(fence, run))).toBeInstanceOf(Refused);
    expect(requests).toHaveLength(0);
  });
  test("of an older claim keeps its code", async () => {
    const { api } = double(() => new Refused("an older claim", { code: "SW3010" }));
    expect(await failureOf(api.stopRun(fenceOf(), run))).toSatisfy(
      (error) => error instanceof StillwaterError && error.code === "SW3010" && !(error instanceof Unreachable),
    );
  });
  test("the chunked answer of the bulk upgrade that breaks off says nothing", async () => {
    const { api } = double(() => ({ status: 200, body: '[{"statusCode":200,"appId":{"application":"a"}},{"statu' }));
    const error = await failureOf(api.upgradeApps(fenceOf(), "default", ["a", "b"]));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
  });
});

describe("lists", () => {
  const record = (name: string) => ({ type: "App", name, version: "1", artifact: { name: "x", version: "1", scope: "system" } });
  test("pages are followed to the end, and lower-case scopes understood", async () => {
    const { api, requests } = double(({ url }) => ({
      status: 200,
      body: JSON.stringify(url.includes("pageToken=t1") ? { applications: [record("b")] } : { applications: [record("a")], nextPageToken: "t1" }),
    }));
    expect((await api.listApps("default")).map(({ name, artifact }) => `${name} ${artifact.scope}`)).toEqual(["a SYSTEM", "b SYSTEM"]);
    expect(requests).toHaveLength(2);
  });
  test("a release without pages answers at once", async () => {
    const { api } = double(() => ({ status: 200, body: JSON.stringify([record("a"), record("b")]) }));
    expect(await api.listApps("default")).toHaveLength(2);
  });
  test("a program with more runs than one answer holds is asked for all of them", async () => {
    const ended = Array.from({ length: 100 }, (_, index) => ({ runid: `e${String(index)}`, status: "COMPLETED" }));
    const { api } = double(({ url }) => ({
      status: 200,
      body: JSON.stringify(url.endsWith("limit=100") ? ended : [...ended, { runid: "old", status: "RUNNING" }]),
    }));
    expect((await api.activeRuns(run))?.map(({ runid }) => runid)).toEqual(["old"]);
  });
  test("statuses are matched by program, never by place", async () => {
    const item = (appId: string, status: string) => ({ appId, programType: "Spark", programId: "P", statusCode: 200, status });
    const { api } = double(() => ({ status: 200, body: JSON.stringify([item("b", "RUNNING"), item("a", "STOPPED")]) }));
    const of = (app: string) => ({ ns: "default", app, type: "spark", program: "P" }) as const;
    expect(await api.programStatuses("default", [of("a"), of("b"), of("c")])).toEqual(["STOPPED", "RUNNING", null]);
  });
});

test.each([
  ["plain text", "plain text"],
  ['"a JSON string"', "a JSON string"],
  ['{"error":"invalid_token","error_description":"Token is expired."}', "Token is expired."],
  ["{broken", "{broken"],
  ["", ""],
])("words of %s", (body, words) => {
  expect(wordsOf(body)).toBe(words);
});
