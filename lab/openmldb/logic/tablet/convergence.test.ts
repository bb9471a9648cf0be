import { describe, expect, it } from "vitest";
import { TabletLab } from "./testing.ts";

const A = "10.0.0.1:10921";
const B = "10.0.0.2:10921";
const C = "10.0.0.3:10921";

/** Without a change of leader nothing may get lost: cuts, lost requests and answers, killed followers, paces that change. */
async function storm(seed: number): Promise<{ readonly acknowledged: readonly string[]; readonly rows: readonly (readonly string[])[] }> {
  const lab = new TabletLab({}, { request_timeout_ms: "500", binlog_notify_on_put: seed % 2 === 0 ? "true" : "false" }, seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(lab.world.random() * of.length)] as T;
  lab.up(A, B, C);
  await lab.world.advance(100);
  await lab.create(A, { mode: "kTableLeader", term: 1, replicas: [B, C] });
  await lab.world.advance(700);
  for (const follower of [B, C]) await lab.create(follower, { mode: "kTableFollower" });
  const acknowledged: string[] = [];
  for (let round = 0; round < 40; round += 1) {
    const count = 1 + lab.world.random() * 60;
    for (let row = 0; row < count; row += 1) {
      const key = `${String(round)}-${String(row)}`;
      if ((await lab.put(A, key)) === 0) acknowledged.push(key);
    }
    const follower = pick([B, C]);
    const as = pick(["closed", "time-out"] as const);
    const times = 1 + Math.floor(lab.world.random() * 3);
    const matches = ({ path }: { readonly path: string }): boolean => path.endsWith("AppendEntries");
    pick([
      () => lab.network.cutBoth(A, follower),
      () => lab.network.cut(follower, A),
      () => lab.network.healAll(),
      () => lab.network.fault({ to: follower, times, matches, fault: { kind: "lose-reply", as } }),
      () => lab.network.fault({ to: follower, times, matches, fault: { kind: "lose-request", as } }),
      () => lab.pace(A, { delayMs: lab.world.random() * 300, perSecond: 50 + lab.world.random() * 5_000 }, follower),
    ])();
    await lab.world.advance(lab.world.random() * 700);
    if (round % 13 === 12) {
      lab.kill(follower);
      await lab.world.advance(10_500);
      lab.up(follower);
      await lab.world.advance(100);
      await lab.ask(follower, "LoadTable", { table_meta: { ...lab.partition, name: "t1", mode: "kTableFollower" } });
      await lab.world.advance(100);
    }
  }
  lab.network.healAll();
  for (const follower of [B, C]) lab.pace(A, {}, follower);
  await lab.world.advance(30_000);
  return { acknowledged, rows: [await lab.keys(A), await lab.keys(B), await lab.keys(C)] };
}

describe("tablet: one leader, two followers, every fault but a change of leader", () => {
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))("all replicas end with what was acknowledged, seed %i", async (seed) => {
    const { acknowledged, rows } = await storm(seed);
    expect(acknowledged.length).toBeGreaterThan(500);
    for (const keys of rows) expect(keys).toEqual(acknowledged);
  });

  it("a seed repeats itself", async () => {
    expect(await storm(3)).toEqual(await storm(3));
  });
});
