import { describe, expect, it } from "vitest";
import { VirtualWorld } from "../../../kit/virtual.ts";
import type { Grant } from "../entities.ts";
import { Caches } from "./caches.ts";
import type { Definitions } from "./management.ts";

const grant: Grant = { app: 1, api: 7, environment: "PROD", fields: ["a"], expireDate: "2036-12-31", type: "USE" };
const app = { id: 1, name: "shop", key: "100", secret: "s1" };
const api = {
  id: 7,
  name: "orders",
  class: "direct",
  refs: [],
  environments: ["PROD", "DEV"],
  fields: ["a", "b"],
  rateLimit: null,
  table: "t",
  version: "1.0",
} as const;

function scene() {
  const world = new VirtualWorld();
  let answers: Definitions | null = { apps: [app], apis: [api], grants: [grant] };
  const caches = new Caches({ clock: world, fieldCacheMs: 300_000, fetch: () => Promise.resolve(answers) });
  return { world, caches, says: (next: Definitions | null) => void (answers = next) };
}

describe("what the gateway keeps of the application", () => {
  it("[DP-12] credentials and grants that were used outlive it; those that never were are refused without it", async () => {
    const { caches, says } = scene();
    expect((await caches.app("100"))?.secret).toBe("s1");
    expect(await caches.isGranted(1, 7, "PROD")).toBe(true);
    says(null);
    expect((await caches.app("100"))?.secret).toBe("s1");
    expect(await caches.isGranted(1, 7, "PROD")).toBe(true);
    expect(await caches.app("200")).toBeNull();
    expect(await caches.isGranted(2, 7, "PROD")).toBe(false);
  });
  it("what the application takes back is gone with the next refresh", async () => {
    const { caches, says } = scene();
    await caches.app("100");
    await caches.isGranted(1, 7, "PROD");
    says({ apps: [{ ...app, secret: "s2" }], apis: [api], grants: [] });
    await caches.refresh();
    expect((await caches.app("100"))?.secret).toBe("s2");
    expect(await caches.isGranted(1, 7, "PROD")).toBe(false);
    expect(await caches.fields(1, 7, "PROD")).toEqual([]);
  });
  it("[DP-12] fields are withheld for as long as they were seen last, and open after that until somebody can be asked", async () => {
    const { world, caches, says } = scene();
    expect(await caches.fields(1, 7, "PROD")).toEqual(["a"]);
    says(null);
    await world.advance(299_000);
    expect(await caches.fields(1, 7, "PROD")).toEqual(["a"]);
    await world.advance(2_000);
    expect(await caches.fields(1, 7, "PROD")).toBeNull();
    says({ apps: [app], apis: [api], grants: [grant] });
    expect(await caches.fields(1, 7, "PROD")).toEqual(["a"]);
  });
  it("[DP-11] a definition in development is the application's alone", async () => {
    const { caches, says } = scene();
    expect(await caches.api(7, "PROD")).toMatchObject({ id: 7 });
    expect(await caches.api(7, "DEV")).toMatchObject({ id: 7 });
    says(null);
    expect(await caches.api(7, "PROD")).toMatchObject({ id: 7 });
    expect(await caches.api(7, "DEV")).toBe("unreachable");
  });
});
