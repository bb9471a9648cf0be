import { describe, expect, it } from "vitest";
import { decodeObject, NoObject } from "./decode.ts";
import { encodeObject } from "./encode.ts";
import { connectRequest, functionRequest, isPrinted, parseAnswer, scriptRequest } from "./messages.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(/[\s|]/g, ""), "hex");
const latin = (message: Uint8Array): string => Buffer.from(message).toString("latin1");

describe("requests as the vendor's JavaScript API sends them (facts 3.3)", () => {
  it("connects with and without a login", () => {
    expect(latin(connectRequest({ user: "admin", password: "123456" }))).toBe("API2 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456");
    expect(latin(connectRequest(null))).toBe("API2 0 8 / 0_1_4_64\nconnect\n");
  });
  it("a line break in a password cannot become another command", () => {
    expect(latin(connectRequest({ user: "a", password: "b\nfalse" })).split("\n")).toHaveLength(5);
  });
  it("sends a script", () => {
    expect(latin(scriptRequest("1195587396", "1 + 1"))).toBe("API2 1195587396 12 / 0_1_4_64\nscript\n1 + 1");
  });
  it("counts the body alone, and in bytes", () => {
    expect(latin(functionRequest("5", "add", [1, 2]))).toBe(
      `API2 5 17 / 0_1_4_64\nfunction\nadd\n2\n1\n${latin(bytes("040001000000 040002000000"))}`,
    );
    expect(latin(scriptRequest("5", "é"))).toContain("API2 5 9 / ");
  });
});

describe("objects", () => {
  it("encodes scalars, vectors and typed tables", () => {
    expect(hex(encodeObject(true))).toBe("010001");
    expect(hex(encodeObject(null))).toBe("000001");
    expect(hex(encodeObject("x"))).toBe("12007800");
    expect(hex(encodeObject(2 ** 40))).toBe("05000000000000010000");
    expect(hex(encodeObject(["a", "b"]))).toBe("1201020000000100000061006200");
    expect(hex(encodeObject([]))).toBe("19010000000001000000");
    const table = encodeObject({
      is: "typed table",
      columns: [
        { name: "a", type: "int", items: [1, 2] },
        { name: "b", type: "string", items: ["x", "y"] },
      ],
    });
    expect(hex(table)).toBe(
      hex(bytes("0006 02000000 02000000 00 6100 6200 | 0401 02000000 01000000 01000000 02000000 | 1201 02000000 01000000 7800 7900")),
    );
  });
  it("what is longer than any first guess comes back whole", () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => `text ${String(index)}`);
    const whole = encodeObject({
      is: "typed table",
      columns: [
        { name: "text", type: "string", items: texts },
        { name: "sequence", type: "long", items: texts.map((_, index) => index) },
        { name: "number", type: "double", items: texts.map((_, index) => index / 4) },
        { name: "flag", type: "bool", items: texts.map((_, index) => (index === 7 ? null : index % 2 === 0)) },
      ],
    });
    expect(decodeObject(whole)).toEqual({
      is: "table",
      columns: ["text", "sequence", "number", "flag"],
      data: [
        texts,
        texts.map((_, index) => index),
        texts.map((_, index) => index / 4),
        texts.map((_, index) => (index === 7 ? null : index % 2 === 0)),
      ],
    });
  });
  it("decodes the sample table of facts 3.5", () => {
    const table = decodeObject(
      bytes("0006 02000000 02000000 746e616d6500 6100 6200 | 0401 02000000 01000000 01000000 02000000 | 1201 02000000 01000000 7800 7900"),
    );
    expect(table).toEqual({
      is: "table",
      columns: ["a", "b"],
      data: [
        [1, 2],
        ["x", "y"],
      ],
    });
  });
  it("decodes nulls of every width as null", () => {
    for (const object of [
      "010080",
      "020080",
      "03000080",
      "040000000080",
      "05000000000000000080",
      "0c000000000000000080",
      "120000",
      "110000",
      "000000",
    ])
      expect(decodeObject(bytes(object)), object).toBeNull();
    expect(decodeObject(bytes("1000ffffffffffffefff"))).toBeNull();
    expect(decodeObject(bytes("0f00ffff7fff"))).toBeNull();
  });
  it("keeps a LONG whole that no number can hold", () => {
    expect(decodeObject(bytes("0500ffffffffffffff7f"))).toBe(2n ** 63n - 1n);
    expect(decodeObject(bytes("0500ffffffff00000000"))).toBe(4_294_967_295);
  });
  it("decodes a symbol column with its base, and one that uses it again", () => {
    const first = "9101 02000000 01000000 | 01000000 03000000 00 6100 6200 | 01000000 02000000";
    const again = "9101 01000000 01000000 | 01000000 00000000 | 02000000";
    expect(decodeObject(bytes(first))).toEqual(["a", "b"]);
    expect(decodeObject(bytes(`1901 02000000 01000000 ${first} ${again}`))).toEqual([["a", "b"], ["b"]]);
  });
  it("decodes dictionaries, sets, pairs, any vectors and uuids", () => {
    const keys = "1201 01000000 01000000 6b00";
    expect(decodeObject(bytes(`1205 ${keys} 0401 01000000 01000000 07000000`))).toEqual({ is: "dictionary", entries: new Map([["k", 7]]) });
    expect(decodeObject(bytes("0404 0401 02000000 01000000 01000000 02000000"))).toEqual([1, 2]);
    expect(decodeObject(bytes("0402 02000000 01000000 01000000 02000000"))).toEqual([1, 2]);
    expect(decodeObject(bytes("1300 0f0e0d0c0b0a09080706050403020100"))).toBe("00010203-0405-0607-0809-0a0b0c0d0e0f");
  });
  it("what is no object is refused, whatever it promises", () => {
    expect(() => decodeObject(bytes("0401 ffffffff 01000000 00000000"))).toThrow(NoObject);
    expect(() => decodeObject(bytes("0400 0100"))).toThrow(NoObject);
    expect(() => decodeObject(bytes("1200 6161"))).toThrow(NoObject);
    expect(() => decodeObject(bytes("0400 01000000 00"))).toThrow(NoObject);
    expect(() => decodeObject(bytes("2500 01000000"))).toThrow(NoObject);
    expect(() => decodeObject(bytes("0409 01000000"))).toThrow(NoObject);
  });
});

describe("answers (facts 3.4)", () => {
  const said = (text: string, object = ""): ReturnType<typeof parseAnswer> => parseAnswer(Buffer.concat([Buffer.from(text), bytes(object)]));
  it("a value, nothing, an error and what is none of them", () => {
    expect(said("1195 1 1\nOK\n", "040002000000")).toEqual({ is: "value", session: "1195", value: 2 });
    expect(said("1195 0 1\nOK\n")).toEqual({ is: "value", session: "1195", value: null });
    expect(said("1195 1 1\nOK\n")).toEqual({ is: "value", session: "1195", value: null });
    expect(said("1195 0 1\n<NotLeader>h:1:ctl2\n")).toEqual({ is: "error", session: "1195", line: "<NotLeader>h:1:ctl2" });
    for (const strange of ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "1195 1 1\n", "garbage"]) expect(said(strange)).toMatchObject({ is: "malformed" });
    expect(said("1195 1 1\nOK\n", "0400 01")).toMatchObject({ is: "malformed" });
  });
  it("knows what was only printed", () => {
    expect(isPrinted(Buffer.from("MSG\nhello\0"))).toBe(true);
    expect(isPrinted(Buffer.from("1195 1 1\nOK\n"))).toBe(false);
  });
});
