// What `dolphindb` of a lab starts: one server process. Nothing is loaded before it is known that it is wanted, and what was compiled once is kept for the
// others: a dozen of them start together.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { labOf } from "./lab-file.ts";

// argv: node, this file, `./../dolphindb`, then what the scripts or the agent say.
const [, , executable = "dolphindb", ...words] = process.argv;
const lab = labOf(process.cwd());
if (lab !== null) enableCompileCache(join(lab, "compiled"));
const { runServer } = await import("./component.ts");
await runServer({ executable, words, directory: process.cwd(), lab });
