import { describe, expect, it } from "vitest";
import type { Request } from "../../kit/network.ts";
import { int } from "../value.ts";
import { encode } from "./encode.ts";
import { CONNECTION_HEADER, MESSAGE_PAGE, withFaces } from "./http-faces.ts";
import { EchoEvaluator } from "./testing/echo-evaluator.ts";

const faces = () => withFaces(new EchoEvaluator(), (request) => Promise.resolve({ status: 200, body: `inner ${request.path}` }));
const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Request => ({ method: "POST", path, headers, body });
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const connect = base64("API2 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456");

describe("binary messages over HTTP, for clusters in memory", () => {
  it("a connection goes on from message to message", async () => {
    const server = faces();
    const ask = async (text: string, connection = "c1") => {
      const reply = await server(post(MESSAGE_PAGE, text, { [CONNECTION_HEADER]: connection }));
      return reply === null ? null : Buffer.from(reply.body, "base64").toString("latin1");
    };
    expect(await ask(connect)).toContain("OK");
    expect(await ask(base64("API2 1195587396 12 / 0_1_4_64\nscript\n1 + 1"))).toBe(
      `1195587396 1 1\nOK\n${Buffer.from(encode(int(2))).toString("latin1")}`,
    );
    expect(await ask(""), "the end").toBe("");
    expect(await ask(base64("API2 1195587396 12 / 0_1_4_64\nscript\n1 + 1")), "a connection that is gone").toBeNull();
  });

  it("a process that never saw the connection does not answer as if it had", async () => {
    expect(await faces()(post(MESSAGE_PAGE, base64("API2 1195587396 12 / 0_1_4_64\nscript\n1 + 1"), { [CONNECTION_HEADER]: "c1" }))).toBeNull();
  });

  it("paths of the nodes among themselves are theirs", async () => {
    expect((await faces()(post("/lab/node/vote", "{}")))?.body).toBe("inner /lab/node/vote");
  });
});

describe("the JSON API", () => {
  const execute = (script: string, sessionID = "0"): string =>
    JSON.stringify({
      sessionID,
      functionName: "executeCode",
      params: [{ name: "script", form: "scalar", type: "string", value: encodeURIComponent(script) }],
    });
  const asked = async (server: ReturnType<typeof faces>, body: string): Promise<unknown> =>
    JSON.parse((await server(post("/", body)))?.body ?? "null");

  it("runs a script", async () => {
    expect(await asked(faces(), execute("1 + 2"))).toEqual({
      sessionID: "1195587396",
      resultCode: "0",
      msg: "",
      object: [{ name: "", form: "scalar", type: "int", value: "3" }],
    });
  });

  it("an error has code 1 and HTTP status 200", async () => {
    expect(await asked(faces(), execute("nonsense"))).toMatchObject({ resultCode: "1", object: [] });
  });

  it("calls a function, and keeps the session", async () => {
    const server = faces();
    const scalar = (value: string) => ({ name: "x", form: "scalar", type: "int", value });
    const first = (await asked(server, JSON.stringify({ sessionID: "0", functionName: "add", params: [scalar("4"), scalar("5")] }))) as {
      sessionID: string;
    };
    expect(first).toMatchObject({ object: [{ type: "int", value: "9" }] });
    expect(await asked(server, execute("1 + 1", first.sessionID))).toMatchObject({ sessionID: first.sessionID });
  });

  it("what is not JSON is refused", async () => {
    expect((await faces()(post("/", "nonsense")))?.status).toBe(400);
  });
});
