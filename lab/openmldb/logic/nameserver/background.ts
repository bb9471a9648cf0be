import { ZooKeeperError } from "../../../kit/zookeeper.ts";
import type { Surroundings } from "../node.ts";

/** Work that nobody waits for. That ZooKeeper could not be reached is noted; anything else is a fault of the lab, and ends the process. */
export function background(surroundings: Surroundings, what: string, work: () => Promise<void>): void {
  void work().catch((error: unknown) => {
    if (!(error instanceof ZooKeeperError)) throw error;
    surroundings.log("WARNING", `${what}: ${error.message}`);
  });
}
