import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fence } from "../model/fence.ts";
import type { HostFixture } from "./conformance.ts";
import type { HostConnection } from "./connection.ts";
import { claimed } from "./testing/claims.ts";
import { localFixture } from "./testing/local-fixture.ts";

let fixture: HostFixture;
let host: HostConnection;
let fence: Fence;
beforeAll(async () => {
  const made = await localFixture(null);
  if ("skip" in made) throw new Error(made.skip);
  fixture = made;
  host = fixture.open("c");
  fence = await claimed(host, 1);
});
afterAll(async () => {
  await host.close();
  await fixture.close();
});

test("a round trip on this machine takes a few milliseconds", async () => {
  await host.writeFile(fence, `${fixture.directory}/file`, "content\n");
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    stat: () => host.stat(`${fixture.directory}/file`),
    query: () => host.query(["true"]),
    "query with output": () => host.query(["echo", "x"]),
    readText: () => host.readText(`${fixture.directory}/file`),
    process: () => host.process(process.pid),
    run: () => host.run(fence, ["true"]),
    renew: () => host.renew(fence, Date.now() + 60_000),
  };
  const medians = new Map<string, number>();
  for (const [name, call] of Object.entries(calls)) {
    const times: number[] = [];
    for (let n = 0; n < 41; n++) {
      const before = performance.now();
      await call();
      times.push(performance.now() - before);
    }
    medians.set(name, times.sort((a, b) => a - b)[20] ?? Number.NaN);
  }
  console.log([...medians].map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`).join(", "));
  // Five on an idle machine; a busy one must not make this fail.
  expect(medians.get("query")).toBeLessThan(50);
});
