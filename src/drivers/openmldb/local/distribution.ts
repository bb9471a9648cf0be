// The distribution on this machine that a cluster was deployed from.
import { access, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import { parseDeployment, type Deployment } from "../hosts-file.ts";

/** Null: there is no conf/hosts. Errors as of `readDistribution` for one that cannot be read. */
export async function readDistributionIfThere(path: string): Promise<Deployment | null> {
  const there = await access(`${resolve(path)}/conf/hosts`).then(
    () => true,
    () => false,
  );
  return there ? readDistribution(path) : null;
}
/** Error SW1001 when there is no conf/hosts in it. */
export async function readDistribution(path: string): Promise<Deployment> {
  const home = resolve(path);
  const hosts = `${home}/conf/hosts`;
  try {
    return parseDeployment(await readFile(hosts, "utf8"), await readFile(`${home}/conf/openmldb-env.sh`, "utf8").catch(() => ""), home);
  } catch (error) {
    throw new StillwaterError("SW1001", `${hosts} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      object: path,
      remedy: "Give the directory that the cluster was deployed from (it has conf/hosts and sbin/deploy-all.sh), or -o directory=PATH.",
      cause: error,
    });
  }
}
