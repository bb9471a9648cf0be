// What a lab starts: main.ts LAB COMPONENT; and what its `bin/dataphin-manager` calls: main.ts LAB command WORDS. What was compiled once is kept for the others.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const [, , directory = "", what = "", ...words] = process.argv;
enableCompileCache(join(directory, "compiled"));
if (what === "command") {
  const { managerCommand } = await import("./manager-command.ts");
  process.exitCode = await managerCommand(directory, words);
} else {
  const [{ runComponent }, { componentOf }] = await Promise.all([import("./component.ts"), import("./lab-file.ts")]);
  await runComponent(directory, componentOf(what));
}
