// What bin/openmldb and taskmanager.sh of a lab start: a component, or the command line. Nothing is loaded before it is known which, for a process
// that starts late makes every restart of a run longer.
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { resolve } from "node:path";
import { parseFlags } from "../memory/flags-file.ts";
import { labOf } from "./lab-file.ts";

const installation = resolve(process.env["LAB_INSTALLATION"] ?? ".");
const release = process.env["LAB_RELEASE"] ?? "0.0.0";
const lab = labOf(installation);
if (lab !== null) enableCompileCache(`${lab}/compiled`);

const argv = process.argv.slice(2);
const given = parseFlags(argv.join("\n"));
const flagfile = given["flagfile"];
const flags = { ...(flagfile === undefined ? {} : parseFlags(readFileSync(flagfile, "utf8"))), ...given };

const role = flags["role"] ?? "";
switch (role) {
  case "nameserver":
  case "tablet":
  case "apiserver":
  case "taskmanager": {
    const { runComponent } = await import("./component.ts");
    await runComponent({ role, release, installation, lab, flags });
    break;
  }
  default: {
    const { runCommand } = await import("./command.ts");
    process.exitCode = await runCommand(argv, release);
  }
}
