import { expect, it } from "vitest";
import { parseFault } from "./faults.ts";

it("reads what is typed", () => {
  expect(parseFault(["kill"])).toMatchObject({ kind: "signal", signal: "SIGKILL" });
  expect(parseFault(["upgrade-cut", "after=3", "goes-on"])).toMatchObject({ kind: "page", page: "upgrade-cut", body: { after: 3, goesOn: true } });
  expect(parseFault(["lose-reply", "/upgrade", "count=2"])).toMatchObject({ kind: "network", fault: { path: "/upgrade", count: 2 } });
  expect(parseFault(["service", "metrics", "notok"])).toMatchObject({ body: { name: "metrics", ok: false } });
});

it("says how a fault is typed, or which there are", () => {
  expect(() => parseFault(["delay"])).toThrow("usage: fault delay ms=N");
  expect(() => parseFault(["vanish-artifact", "x"])).toThrow("vanish-artifact NAME VERSION");
  expect(() => parseFault(["flood"])).toThrow("there is no fault flood; there are: kill; terminate");
});
