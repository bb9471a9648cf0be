// The probe's client.
import type { ContinuityClient, ContinuityOptions } from "../../../model/continuity.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { OpenedCluster } from "../open-cluster.ts";

export const continuityClient = (cluster: OpenedCluster, _options: ContinuityOptions): Promise<ContinuityClient> =>
  Promise.reject(new StillwaterError("SW5001", "there is no client for the probe yet", { object: cluster.cluster }));
