// From one controller to the definition of the cluster.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";

export const discover = (target: string, _options: Readonly<Record<string, string>>, _handles: Handles): Promise<ClusterDefinition> =>
  Promise.reject(new StillwaterError("SW1001", "This system cannot be discovered yet: write the cluster file by hand.", { object: target }));
