// What a lab's CDAP says of itself on its own pages, over plain HTTP.
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LabRun {
  readonly id: string;
  readonly program: { readonly namespace: string };
  /** Run id of the workflow that started it. */
  readonly parent: string | null;
  /** Milliseconds since 1970. */
  readonly starting: number;
  readonly stopping: number | null;
  readonly end: number | null;
}
export interface LabView {
  readonly clusterFile: string;
  runs(): Promise<readonly LabRun[]>;
  /** From one instant to another, ms since 1970; the busiest of the seconds that lie in between. */
  requests(from: number, to: number): Promise<{ readonly busiest: number; readonly total: number }>;
}

export function readLab(directory: string): LabView {
  const { endpoint } = JSON.parse(readFileSync(join(directory, "lab.json"), "utf8")) as { readonly endpoint: string };
  const page = async <T>(name: string): Promise<T> => {
    const reply = await fetch(`http://${endpoint}/lab/${name}`, { method: "POST" });
    if (!reply.ok) throw new Error(`/lab/${name}: ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  return {
    clusterFile: join(directory, "cluster.yaml"),
    runs: () => page("runs"),
    requests: async (from, to) => {
      const { bySecond } = await page<{ readonly bySecond: Readonly<Record<string, number>> }>("requests");
      const within = Object.entries(bySecond).flatMap(([second, count]) => {
        const at = Number(second) * 1_000;
        return at >= from && at <= to ? [count] : [];
      });
      return { total: within.reduce((sum, count) => sum + count, 0), busiest: Math.max(0, ...within) };
    },
  };
}
