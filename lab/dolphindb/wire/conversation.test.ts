import { describe, expect, it } from "vitest";
import { int } from "../value.ts";
import { Conversation } from "./conversation.ts";
import { encode } from "./encode.ts";
import { NotARequest, readRequest } from "./request.ts";
import { EchoEvaluator } from "./testing/echo-evaluator.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const callOf = (name: string, args: readonly Uint8Array[], newline = "\n"): Uint8Array => {
  const body = `function\n${name}\n${String(args.length)}\n1${newline}`;
  return joined(utf8(`API2 7 ${String(body.length)} / 0_1_4_64\n${body}`), ...args);
};

describe("requests", () => {
  it("connect with a login, as the official client sends it", () => {
    expect(readRequest(utf8("API2 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456"))?.command).toEqual({
      kind: "connect",
      login: { user: "admin", password: "123456" },
    });
  });

  it("a script; its length is in bytes", () => {
    const script = 'x = "ä"';
    const body = utf8(`script\n${script}`);
    expect(readRequest(joined(utf8(`API 7 ${String(body.length)}\n`), body))?.command).toEqual({ kind: "script", text: script });
  });

  it.each(["\n", ""])("a function with arguments, its body ending with %j", (newline) => {
    const request = callOf("add", [encode(int(1)), encode(int(2))], newline);
    expect(readRequest(request)).toEqual({ session: "7", command: { kind: "function", name: "add", args: [int(1), int(2)] }, end: request.length });
  });

  it("wait for the rest, wherever the bytes end", () => {
    const request = callOf("add", [encode(int(1)), encode(int(2))]);
    for (let length = 0; length < request.length; length += 1) expect(readRequest(request.subarray(0, length)), String(length)).toBeNull();
    expect(readRequest(joined(request, utf8("API2 7")))?.end).toBe(request.length);
  });

  it("what is no request is told at once", () => {
    expect(() => readRequest(utf8("HELO there\n"))).toThrow(NotARequest);
    expect(() => readRequest(new Uint8Array(300))).toThrow(NotARequest);
  });
});

describe("a conversation", () => {
  const asked = async (conversation: Conversation, request: Uint8Array): Promise<string | null> => {
    const answered = await conversation.message(request);
    return answered === null ? null : Buffer.from(answered.bytes).toString("latin1");
  };
  const connect = utf8("API2 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456");
  const script = (text: string): Uint8Array => utf8(`API2 7 ${String(text.length + 7)} / 0_1_4_64\nscript\n${text}`);

  it("gives a session, and TRUE for a login", async () => {
    expect(await asked(new Conversation(new EchoEvaluator()), connect)).toBe("1195587396 1 1\nOK\n\u0001\u0000\u0001");
  });

  it("gives no object to who is nobody", async () => {
    expect(await asked(new Conversation(new EchoEvaluator()), utf8("API2 0 8 / 0_1_4_64\nconnect\n"))).toBe("1195587396 0 1\nOK\n");
  });

  it("refuses a wrong password in one line", async () => {
    const answer = await asked(new Conversation(new EchoEvaluator()), utf8("API2 0 25 / 0_1_4_64\nconnect\nlogin\nadmin\nwrong"));
    expect(answer).toBe("1195587396 0 1\nThe user name or password is incorrect. RefId: S04005\n");
  });

  it("an error of several lines becomes one", async () => {
    const conversation = new Conversation(new EchoEvaluator());
    const answer = await asked(conversation, callOf("fail", [encode({ form: "scalar", type: "string", value: "one\n  two" })]));
    expect(answer).toBe("1195587396 0 1\none two\n");
  });

  it("remembers what was uploaded", async () => {
    const conversation = new Conversation(new EchoEvaluator());
    const body = "variable\na,b\n2\n1\n";
    expect(await asked(conversation, joined(utf8(`API2 0 ${String(body.length)} / 0_1_4_64\n${body}`), encode(int(4)), encode(int(5))))).toContain(
      "OK",
    );
    expect(await asked(conversation, script("b"))).toBe(`1195587396 1 1\nOK\n${Buffer.from(encode(int(5))).toString("latin1")}`);
  });

  it("is closed without a word when the server does so, and when it is spoken to in another language", async () => {
    expect(await asked(new Conversation(new EchoEvaluator()), script("hang()"))).toBeNull();
    expect(await asked(new Conversation(new EchoEvaluator()), utf8("GET / HTTP/1.1\r\n\r\n"))).toBeNull();
  });

  it("a type that the lab does not carry is an error, not silence", async () => {
    const decimal = new Uint8Array([37, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
    expect(await asked(new Conversation(new EchoEvaluator()), callOf("echo", [decimal]))).toMatch(/data type 37 is not carried by this lab\n$/);
  });
});
