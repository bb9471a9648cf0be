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
test("Quoted and spaced forms are read", () => {
  expect(parseConnInfo(String.raw`host = 'a b' user=x\ y password='it\'s'`)).toEqual(
    new Map([
      ["host", "a b"],
      ["user", "x y"],
      ["password", "it's"],
    ]),
  );
  expect(parseConnInfo("")).toEqual(new Map());
  expect(parseConnInfo("host='a")).toBeNull();
});
test.each<[string, Readonly<Record<string, string>>]>([
  ["postgresql://", {}],
  ["postgres://pg1/", { host: "pg1" }],
  ["postgresql://r@pg1:5432/", { user: "r", host: "pg1", port: "5432" }],
  [
    "postgresql://re%40pl:p%3Aw%2F@[fe80::1]:6432/postgres?application_name=pg%202&sslmode=verify-full",
    { user: "re@pl", password: "p:w/", host: "fe80::1", port: "6432", dbname: "postgres", application_name: "pg 2", sslmode: "verify-full" },
  ],
  [
    "postgresql://r@pg1:5432,pg2:5433?target_session_attrs=read-write",
    { user: "r", host: "pg1,pg2", port: "5432,5433", target_session_attrs: "read-write" },
  ],
  ["postgresql://pg1,pg2:5433", { host: "pg1,pg2", port: ",5433" }],
  ["postgresql://%2Fvar%2Frun/db", { host: "/var/run", dbname: "db" }],
  ["postgresql:///?host=pg1&port=6432&user=r+s&ssl=true", { host: "pg1", port: "6432", user: "r+s", sslmode: "require" }],
])("The URI %s is read as libpq reads it", (uri, parts) => {
  expect(parseConnInfo(uri)).toEqual(new Map(Object.entries(parts)));
});
test("A URI that libpq would refuse is not read", () => {
  for (const uri of ["postgresql://pg1:port", "postgresql://[fe80::1", "postgresql://pg1?user", "postgresql://pg1/%zz", "postgresql://pg1?a=b=c"])
    expect(parseConnInfo(uri), uri).toBeNull();
});
test("Turned to another primary: pass file and TLS stay, every other host goes, the name is the node's own", () => {
  const template = parseConnInfo(
    "host=pg1,pg2 port=5432,5433 hostaddr=10.0.0.1,10.0.0.2 target_session_attrs=read-write user=r passfile=/p sslmode=verify-full",
  )!;
  expect(followConnInfo(template, { host: "pg3", port: 6432, user: null, password: null, applicationName: "pg1" })).toBe(
    "host=pg3 port=6432 user=r passfile=/p sslmode=verify-full application_name=pg1",
  );
});
