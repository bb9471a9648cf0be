import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { mutants } from "./list.ts";
import { patch, patchOf } from "./try.ts";

const root = join(dirname(patchOf("any")), "..", "..");

it.each(mutants.map(({ name }) => name))("the patch %s still applies", async (name) => {
  await patch(root, name, ["--check"]);
});

it("every patch has its check", async () => {
  const patches = (await readdir(dirname(patchOf("any")))).filter((name) => name.endsWith(".patch")).map((name) => name.slice(0, -".patch".length));
  expect(patches.toSorted()).toEqual(mutants.map(({ name }) => name).toSorted());
});

it("every rule of the engine that a test can switch off has a mutant", async () => {
  const { probes } = await import("../matrix/mutants.ts");
  // These two are called by what they protect.
  const called: Readonly<Record<string, string>> = { keep: "lease-set-again", "first-before": "recorded-pre-image" };
  const names = new Set(mutants.map(({ name }) => name));
  expect(Object.keys(probes).filter((rule) => !names.has(called[rule] ?? rule))).toEqual([]);
});
