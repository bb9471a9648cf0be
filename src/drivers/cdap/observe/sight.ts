// What this process has read of an instance and need not read again: shared by facts and operations, so that a drain of thousands of programs does not begin
// with the questions that its gate has just asked.
import type { CdapCluster } from "../open-cluster.ts";
import { AppDetails } from "./app-details.ts";
import { AppLister } from "./applications.ts";
import { RunObserver } from "./runs.ts";

export interface Sight {
  readonly lister: AppLister;
  readonly details: AppDetails;
  readonly runs: RunObserver;
}
export const sightOf = (cluster: Pick<CdapCluster, "api" | "now">): Sight => ({
  lister: new AppLister(cluster.api),
  details: new AppDetails(cluster.api),
  runs: new RunObserver(cluster.api, () => cluster.now()),
});
