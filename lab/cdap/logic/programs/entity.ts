// How programs are named in paths, bodies and error texts (facts section 1).
import { badRequest, type ServerError } from "../answers.ts";
import { CATEGORIES, PRETTY, type ProgramType } from "../applications.ts";
import type { ProgramId } from "./run.ts";

const TYPES = Object.keys(CATEGORIES) as ProgramType[];

/** Of a path: `workflows`. Throws 400. */
export function typeOfCategory(category: string): ProgramType {
  const found = TYPES.find((type) => CATEGORIES[type] === category);
  if (found === undefined) throw badRequest(`Unknown category name '${category}'. Must be one of ${Object.values(CATEGORIES).join(", ")}`);
  return found;
}
/** Of a body: `Workflow`, in any case. Throws 400. */
export function typeOfPrettyName(name: string): ProgramType {
  const found = TYPES.find((type) => PRETTY[type].toLowerCase() === name.toLowerCase());
  if (found === undefined) throw badRequest(`Unknown pretty name '${name}'. Must be one of ${Object.values(PRETTY).join(", ")}`);
  return found;
}
const nameOf = (type: ProgramType): string => PRETTY[type].toLowerCase();
export const versionedText = ({ namespace, app, type, name }: ProgramId, version: string): string =>
  `program:${namespace}.${app}.${version}.${nameOf(type)}.${name}`;
export const referenceText = ({ namespace, app, type, name }: ProgramId): string => `programreference:${namespace}.${app}.${nameOf(type)}.${name}`;
export const runText = ({ namespace, app, type, name }: ProgramId, version: string, run: string): string =>
  `program_run:${namespace}.${app}.${version}.${nameOf(type)}.${name}.${run}`;
export const notRunning = (text: string): ServerError => badRequest(`Program '${text}' is not running.`);
export const keyOf = ({ namespace, app, type, name }: ProgramId): string => `${namespace}/${app}/${type}/${name}`;
