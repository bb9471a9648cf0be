import { expect, test } from "vitest";
import { Unreachable } from "../../../model/errors.ts";
import type { DpCluster } from "../cluster.ts";
import { watched } from "../impact/features.ts";
import { featureWatches } from "./feature-watches.ts";

const noon = Date.UTC(2026, 10, 20, 12);
/** An application whose grants are read so, and a gateway that answers everything. */
function expiry(grants: () => Promise<unknown>) {
  const caller = { appKey: "1", appSecret: "@env:A" };
  const cluster = {
    logonUrl: "http://dataphin",
    gateway: { url: "http://gateway" },
    realtime: null,
    watch: { caller, expiring: { id: "7", caller } },
    zone: { name: "UTC" },
    api: { read: () => grants() },
    http: { request: async () => ({ status: 200, body: "{}", headers: {} }) },
    secret: async () => "s",
    now: () => noon,
  } as unknown as DpCluster;
  const watch = featureWatches(cluster).find(({ feature }) => feature === watched.expiryApplied) ?? expect.fail("not watched");
  return () => watch.try(new AbortController().signal);
}
const granted = (until: string | null) => async () => ({
  Result: { Data: [{ ApiId: 7, ...(until === null ? {} : { ProdAuthPeriod: until }), AuthorizedProdReturnParameters: [] }], TotalCount: 1 },
});

test("[DP-12] a grant that has not expired, and one that has and is answered", async () => {
  expect(await expiry(granted("2026-11-20"))()).toEqual({ is: "works", detail: "the grant has not expired yet" });
  expect(await expiry(granted("2026-11-19"))()).toMatchObject({ is: "failed", why: "answered 43200 s after its grant had expired" });
});
test("[DP-12] a last day that nobody knows is no evidence that expired grants are revoked", async () => {
  const down = expiry(() => Promise.reject(new Unreachable("the application is not ready", { object: "openapi" })));
  await expect(down()).rejects.toThrow("the application is not ready");
  await expect(expiry(granted(null))()).rejects.toThrow("application 1 has no grant for API 7 that expires");
});
test("[DP-12] once it was read, it is kept while the application is down", async () => {
  const answers = [granted("2026-11-20")];
  const once = expiry(() => (answers.shift() ?? (() => Promise.reject(new Unreachable("down", { object: "openapi" }))))());
  expect([(await once()).is, (await once()).is]).toEqual(["works", "works"]);
});
