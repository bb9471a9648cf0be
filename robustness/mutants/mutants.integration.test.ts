// A few of the mutants, to see that the harness sees: all of them with `npm run robustness -- mutants`.
import { afterAll, beforeAll, expect, it } from "vitest";
import { mutants } from "./list.ts";
import { tryMutant } from "./main.ts";
import { copyTree, removeTree } from "./try.ts";

let tree: string;
beforeAll(async () => {
  tree = await copyTree();
});
afterAll(async () => removeTree(tree));

it.each(["epoch-check", "recorded-pre-image", "lease-put-back", "min-acks"])("%s is caught", async (name) => {
  const mutant = mutants.find((each) => each.name === name)!;
  expect(await tryMutant(tree, mutant, new Map())).toMatchObject({ name, caught: true });
});
