// `stillwater sdk check`: OM-24 and OM-25. Pure.
import type { SdkChecker } from "../../../model/driver.ts";
import { checkPom } from "./pom.ts";
import { checkMetadata, checkRequirements } from "./requirements.ts";

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const isPom = (name: string): boolean => name === "pom.xml" || name.endsWith(".pom");
const isRequirements = (name: string): boolean => /^(?:requirements|constraints)[\w.-]*\.(?:txt|in)$/i.test(name);

/** Takes names and paths: what pip has installed is known by its directory, `openmldb-0.9.2.dist-info/METADATA`. */
export const sdkChecker: SdkChecker = {
  reads: (path) => isPom(nameOf(path)) || isRequirements(nameOf(path)) || nameOf(path) === "METADATA",
  check(file, version) {
    const name = nameOf(file.name);
    if (isPom(name)) return checkPom(file, version);
    return isRequirements(name) ? checkRequirements(file, version) : checkMetadata(file, version);
  },
};
