import type { SeedOptions } from "../apps/seed/seed.ts";
import { DURATIONS, type Durations, type Settings } from "../logic/settings.ts";
import { operator, type LabFile } from "./lab-file.ts";

/** What a person asks a lab for, beside what `lab.json` keeps. */
export interface Contents extends Pick<SeedOptions, "apps" | "programs" | "stubborn" | "streams" | "others" | "runSeconds"> {
  /** `cdap-site.xml`. */
  readonly site?: Readonly<Record<string, string>>;
  readonly tokenSeconds?: number;
}

/** The budget of a stop is not cut below what an ordinary real-time pipeline needs. */
const LEAST_BUDGET_S = 60;

export function settingsOf({ release, scale, authentication }: LabFile, { site = {}, tokenSeconds = 86_400 }: Contents): Settings {
  const seconds = (name: string, value: number, least: number) => [name, String(Math.max(least, Math.round(value * scale)))] as const;
  const scaled = Object.fromEntries([
    seconds("app.program.max.stop.seconds", 300, LEAST_BUDGET_S),
    seconds("app.program.terminator.interval.secs", 300, 1),
    seconds("app.program.terminate.time.buffer.secs", 60, 1),
  ]);
  return {
    release,
    site: { ...scaled, ...site },
    auth:
      authentication === null
        ? null
        : {
            endpoint: authentication,
            users: { [operator.user]: { password: operator.password, may: "all" }, reader: { password: "lab-reader", may: "reads" } },
            tokenSeconds,
          },
    durations: Object.fromEntries(Object.entries(DURATIONS).map(([name, ms]) => [name, ms * scale])) as unknown as Durations,
    onRestart: "go-on",
  };
}
/** Micro-batches of 10 s, shorter where everything is. */
export const batchIntervalOf = ({ scale }: LabFile): string => `${String(Math.max(500, Math.round(10_000 * scale)))}ms`;
