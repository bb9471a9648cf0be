// The suite of the lab's own ZooKeeper against the real server, so that both the server's answers and the port are held to it.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { freePorts } from "../../kit/free-ports.ts";
import { describeZooKeeper } from "./testing/zookeeper-suite.ts";
import { fourLetters } from "./zookeeper-question.ts";

// A directory with zookeeper.jar and what it needs (Debian: libzookeeper-java and its dependencies, unpacked; usr/share/java).
const jars = process.env["STILLWATER_ZOOKEEPER_JARS"] ?? "/usr/share/java";

async function startReal(): Promise<Parameters<typeof describeZooKeeper>[1] extends () => Promise<infer T> ? T : never> {
  const directory = await mkdtemp(join(tmpdir(), "real-zookeeper-"));
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port");
  const configuration = join(directory, "zoo.cfg");
  const settings = [
    "tickTime=200",
    `dataDir=${directory}/data`,
    `clientPort=${String(port)}`,
    "clientPortAddress=127.0.0.1",
    "admin.enableServer=false",
    "4lw.commands.whitelist=*",
  ];
  await writeFile(configuration, `${settings.join("\n")}\n`);
  const endpoint = `127.0.0.1:${String(port)}`;
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    server = spawn("java", ["-Xmx128m", "-cp", `${jars}/*`, "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration], { stdio: "ignore" });
    const until = Date.now() + 20_000;
    while ((await fourLetters(endpoint, "ruok").catch(() => "")) !== "imok") {
      if (Date.now() > until || server.exitCode !== null) throw new Error("the real ZooKeeper does not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server?.once("exit", () => {
        resolve();
      });
      server?.kill("SIGKILL");
    });
  await start();
  return {
    endpoint,
    minSessionTimeoutMs: 400,
    restart: async () => {
      await stop();
      await start();
    },
    stop: async () => {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}

if (existsSync(join(jars, "zookeeper.jar"))) describeZooKeeper("the real ZooKeeper", startReal);
else
  describe("the real ZooKeeper", () => {
    it.skip(`no zookeeper.jar in ${jars}; name its directory in STILLWATER_ZOOKEEPER_JARS`, () => undefined);
  });
