import { describe, expect, it } from "vitest";
import { VirtualWorld } from "./virtual.ts";

describe("virtual world", () => {
  it("fires timers in order of time, then of setting, and stands where the last one was", async () => {
    const world = new VirtualWorld({ start: 1_000 });
    const seen: string[] = [];
    world.after(20, () => seen.push(`late ${String(world.now())}`));
    world.after(10, () => seen.push("first"));
    world.after(10, () => seen.push("second"));
    await world.advance(20);
    expect(seen).toEqual(["first", "second", "late 1020"]);
    expect(world.now()).toBe(1_020);
  });

  it("lets every promise come to rest before time goes on", async () => {
    const world = new VirtualWorld({ start: 0 });
    const seen: string[] = [];
    const long = async (): Promise<void> => {
      for (let hop = 0; hop < 500; hop += 1) await Promise.resolve();
      seen.push(`rest at ${String(world.now())}`);
    };
    world.after(1, () => void long());
    world.after(2, () => seen.push("next"));
    await world.advance(5);
    expect(seen).toEqual(["rest at 1", "next"]);
  });

  it("does not fire what was cancelled, however much was", async () => {
    const world = new VirtualWorld();
    let fired = 0;
    for (let round = 0; round < 5_000; round += 1) world.after(10 + (round % 7), () => (fired += 1)).cancel();
    world.after(12, () => (fired += 1));
    await world.advance(100);
    expect(fired).toBe(1);
    expect(world.fired).toBe(2);
  });

  it("says so when nothing is left that could settle the promise, and when it takes too long", async () => {
    const never = (): Promise<never> => new Promise(() => {});
    await expect(new VirtualWorld().run(never())).rejects.toThrow("nothing is left to happen");
    const world = new VirtualWorld();
    const again = (): void => {
      world.after(10, again);
    };
    again();
    await expect(world.run(never(), 1_000)).rejects.toThrow("1000 ms of virtual time are over");
  });

  it("stands still while somebody works in the real world", async () => {
    const world = new VirtualWorld({ start: 0 });
    let moved = false;
    world.after(1, () => (moved = true));
    const work = world.outside(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { moved, at: world.now() };
    });
    expect(await world.run(work)).toEqual({ moved: false, at: 0 });
  });

  it("hands on the error of what it was driven for, and can be driven again", async () => {
    const world = new VirtualWorld();
    const failing = async (): Promise<void> => {
      await world.sleep(1);
      throw new Error("as it should");
    };
    await expect(world.run(failing())).rejects.toThrow("as it should");
    await world.advance(1);
  });

  it("hands on what a timer throws", async () => {
    const world = new VirtualWorld();
    world.after(1, () => {
      throw new Error("from a timer");
    });
    await expect(world.advance(5)).rejects.toThrow("from a timer");
    await world.advance(1);
  });

  it("repeats its numbers by the seed", () => {
    const numbers = (seed: number): number[] => {
      const world = new VirtualWorld({ seed });
      return Array.from({ length: 50 }, () => world.random());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    for (const number of numbers(7)) expect(number >= 0 && number < 1).toBe(true);
  });
});
