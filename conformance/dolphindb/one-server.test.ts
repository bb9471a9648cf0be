// The wire alone: one port of the lab in this process, behind it what gives back what it is given.
import {
  DdbBlob,
  DdbBool,
  DdbChar,
  DdbConnectionError,
  DdbDatabaseError,
  DdbDate,
  DdbDateTime,
  DdbDict,
  DdbDouble,
  DdbFunction,
  DdbFunctionType,
  DdbInt,
  DdbLong,
  DdbNanoTimeStamp,
  type DdbObj,
  DdbPair,
  DdbSetInt,
  DdbSetString,
  DdbString,
  DdbTable,
  DdbTimeStamp,
  DdbVectorAny,
  DdbVectorBool,
  DdbVectorDouble,
  DdbVectorInt,
  DdbVectorLong,
  DdbVectorString,
  DdbVectorSymbol,
  DdbVoid,
} from "dolphindb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../lab/kit/free-ports.ts";
import type { Listener } from "../../lab/kit/network.ts";
import type { Session } from "../../lab/dolphindb/logic/node.ts";
import { int, nothing, type LabValue, type ScalarType } from "../../lab/dolphindb/value.ts";
import { listenOnPort } from "../../lab/dolphindb/wire/port.ts";
import { EchoEvaluator } from "../../lab/dolphindb/wire/testing/echo-evaluator.ts";
import { client } from "./official-client.ts";

class Giving extends EchoEvaluator {
  given: LabValue = int(0);
  override async call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
    return name === "given" ? this.given : super.call(session, name, args);
  }
}
const evaluator = new Giving();
let endpoint: string;
let listener: Listener;

beforeAll(async () => {
  endpoint = `127.0.0.1:${String((await freePorts(1))[0])}`;
  listener = await listenOnPort(endpoint, {
    evaluator,
    http: () => Promise.resolve({ status: 404, body: "" }),
    around: (_, serve) => serve(),
  });
});
afterAll(() => {
  listener.close();
});

describe("connect and login", () => {
  it("connects and logs in by itself", async () => {
    const ddb = client(endpoint);
    await ddb.connect();
    expect(ddb.sid).not.toBe("0");
    expect(await ddb.invoke("whoami")).toBe("admin");
  });

  it("connects without a login", async () => {
    expect(await client(endpoint, { autologin: false }).invoke("whoami")).toBe("");
  });

  it("a wrong password is the server's error", async () => {
    await expect(client(endpoint, { password: "wrong" }).connect()).rejects.toThrow("The user name or password is incorrect");
  });

  it("a port where nobody listens is a connection error", async () => {
    const [port] = await freePorts(1);
    await expect(client(`127.0.0.1:${String(port)}`).connect()).rejects.toBeInstanceOf(DdbConnectionError);
  });

  it("a connection that the server closes fails what is under way", async () => {
    const ddb = client(endpoint);
    await ddb.connect();
    await expect(ddb.call("hang")).rejects.toBeInstanceOf(DdbConnectionError);
  });
});

describe("scripts, functions, variables", () => {
  it("a script", async () => {
    expect(await client(endpoint).execute("1 + 1")).toBe(2);
  });
  it("a script that gives nothing", async () => {
    expect(await client(endpoint).execute("")).toBeFalsy();
  });
  it("a function with arguments of the wire", async () => {
    expect((await client(endpoint).call("add", [new DdbInt(1), new DdbInt(2)])).value).toBe(3);
  });
  it("a function with values of JavaScript, through the helper that the client defines", async () => {
    expect(await client(endpoint).invoke("add", [1, 2])).toBe(3);
  });
  it("a function on another node, and on several", async () => {
    const ddb = client(endpoint);
    await ddb.call("version", [], { node: "dnode1" });
    expect(evaluator.calls.at(-1)).toMatchObject({ name: "rpc", args: [{ value: "dnode1" }, { type: "functiondef", value: "version" }] });
    await ddb.call("version", [], { nodes: ["dnode1", "dnode2"] });
    expect(evaluator.calls.at(-1)).toMatchObject({
      name: "pnodeRun",
      args: [{ value: "version" }, { items: ["dnode1", "dnode2"] }, { value: true }],
    });
  });
  it("variables that were uploaded", async () => {
    const ddb = client(endpoint);
    await ddb.upload(["a", "b"], [new DdbInt(4), new DdbVectorString(["x", "y"])]);
    expect(await ddb.execute("a")).toBe(4);
    expect(await ddb.execute("b")).toEqual(["x", "y"]);
  });
  it("requests of one connection one after the other, of several beside each other", async () => {
    const ddb = client(endpoint);
    expect(await Promise.all(Array.from({ length: 20 }, (_, n) => ddb.execute(`${String(n)} + 1`)))).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    const many = await Promise.all(Array.from({ length: 10 }, (_, n) => client(endpoint).execute(`${String(n)} + 2`)));
    expect(many).toEqual(Array.from({ length: 10 }, (_, n) => n + 2));
  });
});

describe("errors", () => {
  it.each([
    ["<NotLeader>10.0.0.2:8900:ctl2", "<NotLeader>10.0.0.2:8900:ctl2"],
    ["one line\nand another", "one line and another"],
  ])("%j", async (message, seen) => {
    const failed = client(endpoint).call("fail", [new DdbString(message)]);
    await expect(failed).rejects.toBeInstanceOf(DdbDatabaseError);
    await expect(failed).rejects.toMatchObject({ message: seen });
  });
  it("an unknown function, and the connection lives on", async () => {
    const ddb = client(endpoint);
    await expect(ddb.call("noSuchThing")).rejects.toThrow("Cannot recognize function noSuchThing. RefId: S00015");
    expect(await ddb.execute("1 + 1")).toBe(2);
  });
  it("a script that is none", async () => {
    await expect(client(endpoint).eval("select from from")).rejects.toThrow("Syntax Error");
  });
});

const sent: readonly (readonly [string, DdbObj, LabValue])[] = [
  ["bool", new DdbBool(true), { form: "scalar", type: "bool", value: true }],
  ["bool, null", new DdbBool(null), { form: "scalar", type: "bool", value: null }],
  ["char", new DdbChar("a"), { form: "scalar", type: "char", value: 97 }],
  ["int", new DdbInt(-7), { form: "scalar", type: "int", value: -7 }],
  ["int, null", new DdbInt(null), { form: "scalar", type: "int", value: null }],
  ["long", new DdbLong(9_007_199_254_740_993n), { form: "scalar", type: "long", value: 9_007_199_254_740_993n }],
  ["double", new DdbDouble(0.1), { form: "scalar", type: "double", value: 0.1 }],
  ["string", new DdbString("grün \u{1F42C}"), { form: "scalar", type: "string", value: "grün \u{1F42C}" }],
  ["blob", new DdbBlob(new TextEncoder().encode("bytes")), { form: "scalar", type: "blob", value: "bytes" }],
  ["date", new DdbDate("2023.01.01"), { form: "scalar", type: "date", value: 19_358 }],
  ["datetime", new DdbDateTime("2023.01.01 00:00:00"), { form: "scalar", type: "datetime", value: 1_672_531_200 }],
  ["timestamp", new DdbTimeStamp("2023.01.01 00:00:00.123"), { form: "scalar", type: "timestamp", value: 1_672_531_200_123n }],
  [
    "nanotimestamp",
    new DdbNanoTimeStamp("2023.01.01 00:00:00.123456789"),
    { form: "scalar", type: "nanotimestamp", value: 1_672_531_200_123_456_789n },
  ],
  ["functiondef", new DdbFunction("version", DdbFunctionType.SystemFunc), { form: "scalar", type: "functiondef", value: "version" }],
  ["pair", new DdbPair(1, 9), { form: "pair", type: "int", items: [1, 9] }],
  ["vector of int", new DdbVectorInt([1, null, 3]), { form: "vector", type: "int", items: [1, null, 3] }],
  ["empty vector of int", new DdbVectorInt([]), { form: "vector", type: "int", items: [] }],
  ["vector of long", new DdbVectorLong([1, null, 3]), { form: "vector", type: "long", items: [1n, null, 3n] }],
  ["vector of double", new DdbVectorDouble([0.5, null]), { form: "vector", type: "double", items: [0.5, null] }],
  ["vector of bool", new DdbVectorBool([true, false, null]), { form: "vector", type: "bool", items: [true, false, null] }],
  ["vector of string", new DdbVectorString(["a", "b"]), { form: "vector", type: "string", items: ["a", "b"] }],
  ["vector of symbol", new DdbVectorSymbol(["a", "b", "a"]), { form: "vector", type: "symbol", items: ["a", "b", "a"] }],
  [
    "vector of anything",
    new DdbVectorAny([new DdbInt(1), "x", true]),
    {
      form: "tuple",
      items: [int(1), { form: "scalar", type: "string", value: "x" }, { form: "scalar", type: "bool", value: true }],
    },
  ],
  ["empty vector of anything", new DdbVectorAny([]), { form: "tuple", items: [] }],
  ["set of int", new DdbSetInt(new Set([1, 2])), { form: "set", type: "int", items: [1, 2] }],
  ["set of string", new DdbSetString(new Set(["a"])), { form: "set", type: "string", items: ["a"] }],
  [
    "dictionary",
    new DdbDict({ a: new DdbInt(1), b: "x" }),
    {
      form: "dictionary",
      keys: { form: "vector", type: "string", items: ["a", "b"] },
      values: { form: "tuple", items: [int(1), { form: "scalar", type: "string", value: "x" }] },
    },
  ],
  [
    "table",
    new DdbTable([new DdbVectorInt([1, 2], "a"), new DdbVectorString(["x", "y"], "b"), new DdbVectorSymbol(["u", "v"], "c")], "t"),
    {
      form: "table",
      name: "t",
      columns: [
        { name: "a", type: "int", items: [1, 2] },
        { name: "b", type: "string", items: ["x", "y"] },
        { name: "c", type: "symbol", items: ["u", "v"] },
      ],
    },
  ],
];
describe("what the client sends is understood, and comes back as it was", () => {
  it.each(sent)("%s", async (_, object, understood) => {
    const echoed = await client(endpoint).call("echo", [object]);
    expect(evaluator.calls.at(-1)?.args[0]).toEqual(understood);
    expect(echoed.data()).toEqual(object.data());
  });
});

// The client shows a temporal null as the word.
const vectors: Readonly<
  Record<Exclude<ScalarType, "void" | "any" | "functiondef" | "uuid" | "blob">, readonly [LabValue & { form: "vector" }, readonly unknown[]]>
> = {
  bool: [{ form: "vector", type: "bool", items: [true, false, null] }, [true, false, null]],
  char: [{ form: "vector", type: "char", items: [97, null] }, ["a", ""]],
  short: [{ form: "vector", type: "short", items: [-1, null] }, [-1, null]],
  int: [{ form: "vector", type: "int", items: [7, null] }, [7, null]],
  long: [{ form: "vector", type: "long", items: [7n, null] }, [7n, null]],
  date: [{ form: "vector", type: "date", items: [19_358, null] }, ["2023.01.01", "null"]],
  month: [{ form: "vector", type: "month", items: [24_276, null] }, ["2023.01M", "null"]],
  time: [{ form: "vector", type: "time", items: [3_661_001, null] }, ["01:01:01.001", "null"]],
  minute: [{ form: "vector", type: "minute", items: [61, null] }, ["01:01m", "null"]],
  second: [{ form: "vector", type: "second", items: [3_661, null] }, ["01:01:01", "null"]],
  datetime: [{ form: "vector", type: "datetime", items: [1_672_531_200, null] }, ["2023.01.01 00:00:00", "null"]],
  timestamp: [{ form: "vector", type: "timestamp", items: [1_672_531_200_123n, null] }, ["2023.01.01 00:00:00.123", "null"]],
  nanotime: [{ form: "vector", type: "nanotime", items: [3_661_000_000_001n, null] }, ["01:01:01.000000001", "null"]],
  nanotimestamp: [{ form: "vector", type: "nanotimestamp", items: [1_672_531_200_000_000_001n, null] }, ["2023.01.01 00:00:00.000000001", "null"]],
  float: [{ form: "vector", type: "float", items: [0.5, null] }, [0.5, null]],
  double: [{ form: "vector", type: "double", items: [0.1, null] }, [0.1, null]],
  symbol: [{ form: "vector", type: "symbol", items: ["a", "b", "a"] }, ["a", "b", "a"]],
  string: [{ form: "vector", type: "string", items: ["a", ""] }, ["a", ""]],
};
const received = async (value: LabValue): Promise<unknown> => {
  evaluator.given = value;
  return (await client(endpoint).call("given")).data();
};
it("nothing as an argument, and as an answer", async () => {
  expect((await client(endpoint).call("echo", [new DdbVoid() as unknown as DdbObj])).data()).toBe(null);
  expect(evaluator.calls.at(-1)?.args).toEqual([nothing]);
});

describe("what the lab sends is understood by the client", () => {
  it.each(Object.entries(vectors))("vector, scalar and column of %s", async (type, [vector, seen]) => {
    expect(await received(vector)).toEqual(seen);
    expect(await received({ form: "scalar", type: vector.type, value: vector.items[0] ?? null })).toEqual(seen[0]);
    expect(await received({ form: "table", name: "", columns: [{ name: type, type: vector.type, items: vector.items }] })).toEqual(
      seen.map((each) => ({ [type]: each })),
    );
  });

  // The client's own DdbSetDouble cannot be sent: it writes the values of an INT below the type of a DOUBLE.
  it("a set of DOUBLE", async () => {
    expect(await received({ form: "set", type: "double", items: [1.5, 2.5] })).toEqual(new Set([1.5, 2.5]));
  });

  it("a UUID", async () => {
    const uuid = "00112233-4455-6677-8899-aabbccddeeff";
    expect(await received({ form: "scalar", type: "uuid", value: uuid })).toBe(uuid);
    expect(await received({ form: "vector", type: "uuid", items: [uuid] })).toEqual([uuid]);
  });

  it("a dictionary of tables, as getStreamingStat has it", async () => {
    const table: LabValue = { form: "table", name: "", columns: [{ name: "worker", type: "int", items: [1] }] };
    expect(
      await received({
        form: "dictionary",
        keys: { form: "vector", type: "string", items: ["pubConns", "subWorkers"] },
        values: { form: "tuple", items: [table, { ...table, columns: [{ name: "worker", type: "int", items: [] }] }] },
      }),
    ).toEqual({ pubConns: [{ worker: 1 }], subWorkers: [] });
  });

  it("an empty table keeps its columns", async () => {
    evaluator.given = { form: "table", name: "", columns: [{ name: "chunkId", type: "string", items: [] }] };
    expect(await client(endpoint).invoke("given", [], { table: "full" })).toMatchObject({ columns: ["chunkId"], data: [] });
  });

  it("a table of 100,000 rows", async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => index);
    expect(await received({ form: "table", name: "", columns: [{ name: "n", type: "int", items }] })).toHaveLength(100_000);
  });
});
