// What a lab's CDAP says of itself on its own pages, over plain HTTP.
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LabRun {
  readonly program: { readonly namespace: string };
  /** Milliseconds since 1970. */
  readonly stopping: number | null;
  readonly end: number | null;
}
export interface LabView {
  readonly clusterFile: string;
  runs(): Promise<readonly LabRun[]>;
  requests(): Promise<{ readonly busiest: number; readonly total: number }>;
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
    requests: async () => {
      const { total, bySecond } = await page<{ readonly total: number; readonly bySecond: Readonly<Record<string, number>> }>("requests");
      return { total, busiest: Math.max(0, ...Object.values(bySecond)) };
    },
  };
}
