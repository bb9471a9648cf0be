// The `openmldb` command as a process.
import { RealClock } from "../../kit/real-clock.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { openmldb } from "../cli/openmldb.ts";
import { WireZooKeeperPort } from "./zookeeper-port.ts";

/** Prints, and returns the exit code. */
export async function runCommand(argv: readonly string[], release: string): Promise<number> {
  const network = new RealNetwork();
  try {
    const { code, stdout } = await openmldb(argv, {
      network,
      clock: new RealClock(),
      zookeeper: (servers) => new WireZooKeeperPort(servers),
      from: "127.0.0.1:0",
      release: `${release}-lab`,
    });
    process.stdout.write(stdout);
    return code;
  } finally {
    network.close();
  }
}
