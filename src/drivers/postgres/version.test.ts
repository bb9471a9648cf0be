import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, parseVersion, versionOfBinary } from "./version.ts";

const version = fc.oneof(
  fc.tuple(fc.integer({ min: 10, max: 40 }), fc.integer({ min: 0, max: 60 })).map(([major, minor]) => `${String(major)}.${String(minor)}`),
  fc
    .tuple(fc.integer({ min: 10, max: 40 }), fc.constantFrom("beta1", "beta2", "rc1", "rc2", "devel"))
    .map(([major, preview]) => `${String(major)}${preview}`),
);
const parsed = version.map((text) => parseVersion(text)!);

test("Versions have one order: antisymmetric, transitive, equal only to themselves", () => {
  fc.assert(
    fc.property(parsed, parsed, parsed, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      expect(compareVersions(a, b) === 0).toBe(a.text === b.text);
    }),
  );
});
test("17.10 is newer than 17.9, and a preview older than its release", () => {
  const order = ["17.0", "17.9", "17.10", "18devel", "18beta1", "18beta2", "18rc1", "18.0"].map((text) => parseVersion(text)!);
  expect(order.toSorted(compareVersions)).toEqual(order);
});
test("What a distribution appends is not part of the version", () => {
  expect(versionOfBinary("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n")).toBe("15.18");
  expect(versionOfBinary("postgres (PostgreSQL) 17.10\n")).toBe("17.10");
  expect(versionOfBinary("postgres (PostgreSQL) 19rc1")).toBe("19rc1");
  expect(versionOfBinary("mysqld 8.0")).toBeNull();
  for (const text of ["", "9", "seventeen", "17.x", "17.10.2"]) expect(parseVersion(text), text).toBeNull();
});
