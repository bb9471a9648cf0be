// Short POSIX scripts that a driver runs on a host under a name (`sh -c SCRIPT NAME ...`), in memory: known by their names and by what they do.
import type { CommandResult } from "../../../src/model/host.ts";
import type { Disk } from "../../kit/disk.ts";
import { said } from "../../kit/memory-host.ts";
import { copyTree, digest, exists, filesBelow } from "../../kit/trees.ts";

const failed = (code: number, stderr: string): CommandResult => ({ code, stdout: "", stderr });

/** Null: no script of that name. */
export function shellScript(disk: Disk, name: string, args: readonly string[], input: string): CommandResult | null {
  const [first = "", second = "", third = "", ...rest] = args;
  switch (name) {
    case "writable":
    case "tools":
    case "adopt":
      // Everything may be written on this machine, everything is one user's, and no tool is missing.
      return said("");
    case "limits":
      return said("1048576\n");
    case "plugins":
      // A line for each description: its path and its first line.
      return said(
        disk
          .list(first)
          .flatMap((plugin) =>
            disk
              .list(`${first}/${plugin}`)
              .filter((file) => file.endsWith(".txt"))
              .map((file) => `${plugin}/${file}\t${(disk.read(`${first}/${plugin}/${file}`) ?? "").split("\n")[0] ?? ""}\n`),
          )
          .join(""),
      );
    case "contents":
      return below(disk, first, args.slice(1), (path, content) => `${digest(content)}  ./${path}\n`);
    case "files":
      return below(disk, first, args.slice(1), (path) => `./${path}\n`);
    case "carry":
      for (const path of input.split("\n").filter((line) => line !== "")) copyTree(disk, `${first}/${path}`, `${second}/${path}`);
      return said("");
    case "exchange":
      return exchange(disk, { place: first, from: second, kept: third }, rest);
    case "aside":
      return aside(disk, first, second, args.slice(2));
    default:
      return null;
  }
}

function below(disk: Disk, directory: string, names: readonly string[], line: (path: string, content: string) => string): CommandResult {
  if (!exists(disk, directory)) return failed(2, `cd: can't cd to ${directory}\n`);
  return said(
    names
      .filter((name) => exists(disk, `${directory}/${name}`))
      .flatMap((name) =>
        filesBelow(disk, `${directory}/${name}`).map(([relative, content]) => line(relative === "" ? name : `${name}/${relative}`, content)),
      )
      .join(""),
  );
}
function exchange(
  disk: Disk,
  { place, from, kept }: { readonly place: string; readonly from: string; readonly kept: string },
  names: readonly string[],
): CommandResult {
  for (const name of names) {
    if (!exists(disk, `${from}/${name}`)) continue;
    if (exists(disk, `${place}/${name}`)) {
      if (exists(disk, `${kept}/${name}`)) return failed(3, `${name} is in ${place}, ${from} and ${kept}\n`);
      disk.rename(`${place}/${name}`, `${kept}/${name}`);
    }
    disk.rename(`${from}/${name}`, `${place}/${name}`);
  }
  return said("");
}
function aside(disk: Disk, from: string, to: string, names: readonly string[]): CommandResult {
  for (const name of names) {
    if (!exists(disk, `${from}/${name}`)) continue;
    if (exists(disk, `${to}/${name}`)) return failed(3, `${name} is in ${from} and ${to}\n`);
    disk.rename(`${from}/${name}`, `${to}/${name}`);
  }
  return said("");
}
