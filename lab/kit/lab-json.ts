// `lab.json` at the top of a lab's directory: what the lab is.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface AnyLab {
  readonly lab: string;
  readonly format: number;
  readonly directory: string;
}
const path = (directory: string): string => join(directory, "lab.json");

/** Error with the directory when there is no lab, or one of another system or format. */
export function readLabJson<Lab extends AnyLab>(directory: string, of: { readonly lab: Lab["lab"]; readonly title: string }): Lab {
  let text: string;
  try {
    text = readFileSync(path(directory), "utf8");
  } catch (error) {
    throw new Error(`${directory} holds no lab (there is no lab.json)`, { cause: error });
  }
  const file = JSON.parse(text) as Lab;
  if (file.lab !== of.lab || file.format !== 1) throw new Error(`${path(directory)} is not of a ${of.title} lab that this Stillwater knows`);
  return file;
}

/** Whole or not at all. */
export function writeLabJson(file: AnyLab): void {
  const partial = `${path(file.directory)}.new`;
  writeFileSync(partial, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(partial, path(file.directory));
}
