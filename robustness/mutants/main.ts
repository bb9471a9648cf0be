// Every mutant against its check: caught means that the unchanged check fails, and says by which rule. The same check passes without the patch.
import { noFigures, type Figures, type MutantFigure } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { mutants, type Mutant } from "./list.ts";
import { checkName, copyTree, named, patch, removeTree, runCheck } from "./try.ts";

export async function tryMutant(tree: string, mutant: Mutant, sound: Map<string, boolean>): Promise<MutantFigure> {
  const { name, check } = mutant;
  const by = checkName(check);
  const key = JSON.stringify(check);
  if (!sound.has(key)) sound.set(key, !(await runCheck(tree, check)).failed);
  if (sound.get(key) !== true) return { name, caught: false, by: `${by} fails without the patch too` };
  await patch(tree, name);
  try {
    const result = await runCheck(tree, check);
    if (!result.failed) return { name, caught: false, by: `${by} passes` };
    const words = await named(result, mutant, tree);
    return words === null
      ? { name, caught: false, by: `${by} fails, but does not say ${mutant.says.source}` }
      : { name, caught: true, by: `${by}: ${words}` };
  } finally {
    await patch(tree, name, ["-R"]);
  }
}

export async function tryMutants(options: Options, log: (line: string) => void): Promise<Figures> {
  const figures = noFigures();
  const queue = mutants
    .filter(({ name }) => options.only === null || options.only.test(name))
    .filter((_, index) => (index + options.seed) % options.every === 0);
  const work = async (): Promise<void> => {
    const tree = await copyTree();
    const sound = new Map<string, boolean>();
    try {
      for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
        const figure = await tryMutant(tree, mutant, sound);
        figures.runs++;
        figures.mutants.push(figure);
        if (!figure.caught) figures.broken.push(`${figure.name} is not caught: ${figure.by}`);
        log(`${figure.name}: ${figure.caught ? "caught by" : "NOT caught:"} ${figure.by}`);
      }
    } finally {
      await removeTree(tree);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return figures;
}
