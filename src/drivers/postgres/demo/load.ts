// "The application" of the demo, the tests and the benchmarks: numbered rows, written through the list of all hosts, from a process of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DemoCluster } from "./demo-cluster.ts";
import type { NodeFigures } from "./node-watch.ts";
import type { WriterFigures, WriterOptions } from "./writer.ts";

interface LoadFigures extends WriterFigures {
  /** Empty without `watch`. */
  readonly nodes: readonly NodeFigures[];
}
interface LoadResult extends LoadFigures {
  /** Rows that were acknowledged and are not on the primary now. */
  readonly lost: readonly number[];
}
export interface LoadOptions {
  /** Rows a second. Default 200. */
  readonly rate?: number;
  /** Connections of the application. Default 4. */
  readonly connections?: number;
  /** Default `orders`. */
  readonly table?: string;
  /** Also ask every node by itself, a hundred times a second. Default: no. */
  readonly watch?: boolean;
}
export interface Load {
  readonly pid: number;
  figures(): Promise<LoadFigures>;
  /** Ends the writing and counts what is lost. */
  stop(): Promise<LoadResult>;
  /** For error paths: ends the process at once. */
  kill(): void;
}

export type LoadRequest =
  | { readonly ask: "start"; readonly id: number; readonly writer: WriterOptions; readonly watch: boolean }
  | { readonly ask: "figures" | "stop"; readonly id: number };
export interface LoadAnswer {
  readonly id: number;
  readonly figures: LoadFigures | null;
  readonly lost: readonly number[];
  readonly failed: string | null;
}

/** Returns once the first row is acknowledged. Throws when no host accepts writes within 15 s. */
export async function startLoad(cluster: Pick<DemoCluster, "nodes" | "user" | "password">, options: LoadOptions = {}): Promise<Load> {
  const { rate = 200, connections = 4, table = "orders", watch = false } = options;
  const program = fileURLToPath(new URL("./load-process.ts", import.meta.url));
  const child = fork(program, [], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void }>();
  let ids = 0;
  child.on("message", (answer: LoadAnswer) => {
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  child.once("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the load's process ended: ${String(signal ?? code)}`));
    waiting.clear();
  });
  const ask = async (make: (id: number) => LoadRequest): Promise<LoadResult> => {
    const id = ids++;
    const { figures, lost, failed } = await new Promise<LoadAnswer>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      // The password goes through the channel: arguments and environment can be read by others.
      child.send(make(id), (error) => {
        if (error !== null) reject(error);
      });
    });
    if (figures === null) throw new Error(`the load failed: ${failed ?? "no figures"}`);
    return { ...figures, lost };
  };
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  const route = {
    hosts: cluster.nodes.map(({ name, host, port }) => ({ name, host, port })),
    user: cluster.user,
    password: cluster.password,
    database: "postgres",
  };
  try {
    await ask((id) => ({ ask: "start", id, writer: { route, table, rate, connections }, watch }));
  } catch (error) {
    kill();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    figures: () => ask((id) => ({ ask: "figures", id })),
    stop: async () => {
      const result = await ask((id) => ({ ask: "stop", id }));
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
      return result;
    },
    kill,
  };
}
