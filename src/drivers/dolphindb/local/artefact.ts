// The vendor's package: a zip file with server/ inside.
import { StillwaterError } from "../../../model/errors.ts";
import type { Artefact } from "../../../model/goal.ts";

export const readArtefact = (path: string): Promise<Artefact> =>
  Promise.reject(new StillwaterError("SW1205", `${path} cannot be read as a package yet`, { object: path }));
