import { expect, test } from "vitest";
import { openedLab, type OpenOptions } from "./testing/opened-lab.ts";
import { apiFeature, routerFeature, watches } from "./watches.ts";

async function watched(options: OpenOptions = {}) {
  const opened = await openedLab(options);
  const { features } = watches(opened.cluster);
  const signal = new AbortController().signal;
  const tries = async (name: string): Promise<string> => {
    const watch = features.find(({ feature }) => feature === name);
    return (await opened.run(async () => watch?.try(signal)))?.is ?? "no such watch";
  };
  return { ...opened, tries };
}

test("the API works, and is not refused by what it has to say", async () => {
  const { tries } = await watched();
  expect([await tries(apiFeature), await tries(routerFeature)]).toEqual(["works", "works"]);
});
test("while services behind the router are away, the API has failed at once and the router works", async () => {
  const { tries, lab } = await watched();
  await lab.control("unavailable", { calls: 1_000 });
  const before = lab.world.now();
  expect([await tries(apiFeature), await tries(routerFeature)]).toEqual(["failed", "works"]);
  expect(lab.world.now() - before).toBeLessThan(1_000);
});
test("while nothing listens, both are refused", async () => {
  const { tries, lab } = await watched();
  lab.stop();
  expect([await tries(apiFeature), await tries(routerFeature)]).toEqual(["refused", "refused"]);
});
