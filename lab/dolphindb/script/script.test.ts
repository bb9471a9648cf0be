import { describe, expect, test } from "vitest";
import { ServerError, type Session } from "../logic/node.ts";
import type { LabValue } from "../value.ts";
import { Interpreter } from "./interpreter.ts";
import { column, scalar, wireValue, type Table, type Value } from "./values.ts";

const people: Table = {
  form: "table",
  name: "people",
  columns: [
    column("id", "int", [1, 2, 3, 4]),
    column("name", "string", ["ada", "bob", "cid", ""]),
    column("size", "long", [10n, 20n, 30n, null]),
    column("at", "timestamp", [0n, 3_600_000n, 7_200_000n, null]),
  ],
};
const session = (): Session => ({ id: "1", user: "admin", variables: new Map() });
function interpreter(): Interpreter {
  const shared = new Map<string, Value>([["people", people]]);
  return new Interpreter({
    functions: {
      now: () => scalar("timestamp", 7_200_000n),
      later: () => Promise.resolve(scalar("int", 5)),
      refuses: () => {
        throw new ServerError("no");
      },
    },
    parameters: { later: ["a"] },
    readTable: () => Promise.reject(new ServerError("no tables here")),
    deleteRows: () => Promise.reject(new ServerError("no tables here")),
    insertRows: () => Promise.reject(new ServerError("no tables here")),
    shared,
    share: (name, value) => {
      shared.set(name, value);
    },
  });
}
const run = async (text: string): Promise<LabValue> => wireValue(await interpreter().script(session(), text));
const one = (type: string, value: unknown) => ({ form: "scalar", type, value });
const many = (type: string, items: readonly unknown[]) => ({ form: "vector", type, items });
const columnsOf = (value: LabValue) => (value.form === "table" ? Object.fromEntries(value.columns.map(({ name, items }) => [name, items])) : null);

describe("expressions", () => {
  test.each([
    ["1 + 1", one("int", 2)],
    ["1 + 2 * 3", one("int", 7)],
    ["(1 + 2) * 3", one("int", 9)],
    ["7 / 2", one("int", 3)],
    ["7 / 2.0", one("double", 3.5)],
    ["1l + 1", one("long", 2n)],
    ["2147483648", one("long", 2_147_483_648n)],
    ["-3", one("int", -3)],
    ['"a" + "b"', one("string", "ab")],
    ['"a\\"b"', one("string", 'a"b')],
    ["`abc", one("string", "abc")],
    ["`a`b", many("string", ["a", "b"])],
    ["0..3", many("int", [0, 1, 2, 3])],
    ["2023.01.01..2023.01.03", many("date", [19_358, 19_359, 19_360])],
    ["2023.01.01T00:00:01.500", one("timestamp", 1_672_531_201_500n)],
    ["[1, 2] + 1", many("int", [2, 3])],
    ["1 == 1 && 2 != 3", one("bool", true)],
    ["3 in [1, 3]", one("bool", true)],
    ["iif([true, false], 1, 2)", many("int", [1, 2])],
    ['regexReplace("n1:4:0:1,n2:4:0:2", ":[^,]*", "")', one("string", "n1,n2")],
    ['split("a,b", ",")', many("string", ["a", "b"])],
    ["sum(1..4)", one("long", 10n)],
    ["x = 5; x + 1", one("int", 6)],
    ["x = 5\nif (x > 3) { x = 9 } else { x = 0 }\nx", one("int", 9)],
    ["later() + 1", one("int", 6)],
    ["later(a=1)", one("int", 5)],
    ["add{1}(2)", one("int", 3)],
    ["// nothing\n2", one("int", 2)],
    ["people.id", many("int", [1, 2, 3, 4])],
    ["dict(`a`b, [1, 2])[`b]", one("int", 2)],
  ])("%s", async (text, value) => {
    expect(await run(text)).toEqual(value);
  });

  test.each([
    ["nothingLikeThat(1)", /Cannot recognize the token nothingLikeThat. RefId: S00015/],
    ["1 +", /Syntax Error/],
    ["select from", /Syntax Error/],
    ['"open', /Syntax Error/],
    ["def f(x) { return x }", /Syntax Error/],
    ["refuses()", /^no$/],
    ["use nothing", /Can't find module/],
    ["[1, 2] + [1, 2, 3]", /same length/],
  ])("%s is refused", async (text, why) => {
    await expect(run(text)).rejects.toThrow(why);
    await expect(run(text)).rejects.toBeInstanceOf(ServerError);
  });
});

describe("SQL", () => {
  test("conditions, one behind the other, and what a null is", async () => {
    expect(columnsOf(await run("select id, name from people where size >= 20, id < 4"))).toEqual({ id: [2, 3], name: ["bob", "cid"] });
    expect(columnsOf(await run('select id from people where name like "%i%" or isNull(size)'))).toEqual({ id: [3, 4] });
    expect(columnsOf(await run("select id from people where isValid(at), at < now() - 3600000"))).toEqual({ id: [1] });
    expect(columnsOf(await run("select id from people where id = 2"))).toEqual({ id: [2] });
  });
  test("aggregates, groups, order, top", async () => {
    expect(columnsOf(await run("select count(*) as n, max(size) as hi, nunique(id) as u from people"))).toEqual({ n: [4], hi: [30n], u: [4] });
    expect(await run("exec count(*) from people where id > 1")).toEqual(one("int", 3));
    expect(await run("exec max(size) from people where id > 9")).toEqual(one("long", null));
    expect(columnsOf(await run("select count(*) as n, sum(size) as s from people group by id % 2 as odd order by odd desc"))).toEqual({
      odd: [1, 0],
      n: [2, 2],
      s: [40n, 20n],
    });
    expect(columnsOf(await run("select top 2 id from people order by size desc"))).toEqual({ id: [3, 2] });
    expect(columnsOf(await run("select sum(most) as most from (select max(size) as most from people group by id)"))).toEqual({ most: [60n] });
    expect(columnsOf(await run("select * from people limit 1"))).toEqual({ id: [1], name: ["ada"], size: [10n], at: [0n] });
  });
  test("variables of a session: insert, delete, share", async () => {
    const own = interpreter();
    const mine = session();
    await own.script(
      mine,
      "t = table(1:0, `a`b, [INT, STRING])\ninsert into t values(1, `x)\ninsert into t values(2, `y)\ndelete from t where a = 1",
    );
    expect(columnsOf(wireValue(await own.script(mine, "select * from t")))).toEqual({ a: [2], b: ["y"] });
    await expect(own.script(session(), "t")).rejects.toThrow("S00015");
    await own.script(mine, "share t as everybodys");
    expect(wireValue(await own.script(session(), "exec count(*) from everybodys"))).toEqual(one("int", 1));
  });
});
