// The only place that ends the process.
import { processIo } from "./process-io.ts";
import { runProgram } from "./program.ts";

const io = processIo();
const code = await runProgram(process.argv.slice(2), io);
// What was written must be out before the process goes: a pipe may still hold some of it.
process.stdout.write("", () => process.exit(code));
