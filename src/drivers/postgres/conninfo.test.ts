import * as fc from "fast-check";
import { expect, test } from "vitest";
import { followConnInfo, formatConnInfo, parseConnInfo } from "./conninfo.ts";

test("A connection string survives reading and writing", () => {
  const key = fc.constantFrom("host", "port", "user", "password", "application_name", "passfile");
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, fc.string()), { selector: ([name]) => name, minLength: 1 }), (pairs) => {
      expect(parseConnInfo(formatConnInfo(new Map(pairs)))).toEqual(new Map(pairs));
    }),
  );
});
test("Quoted and spaced forms are read, a URI is not", () => {
  expect(parseConnInfo(String.raw`host = 'a b' user=x\ y password='it\'s'`)).toEqual(
    new Map([
      ["host", "a b"],
      ["user", "x y"],
      ["password", "it's"],
    ]),
  );
  expect(parseConnInfo("")).toEqual(new Map());
  expect(parseConnInfo("postgresql://pg1/")).toBeNull();
  expect(parseConnInfo("host='a")).toBeNull();
});
test("Turned to another primary: pass file and TLS stay, every other host goes, the name is the node's own", () => {
  const template = parseConnInfo(
    "host=pg1,pg2 port=5432,5433 hostaddr=10.0.0.1,10.0.0.2 target_session_attrs=read-write user=r passfile=/p sslmode=verify-full",
  )!;
  expect(followConnInfo(template, { host: "pg3", port: 6432, user: null, password: null, applicationName: "pg1" })).toBe(
    "host=pg3 port=6432 user=r passfile=/p sslmode=verify-full application_name=pg1",
  );
});
