import type { ProgramType } from "../applications.ts";
import type { LabCluster } from "../cluster.ts";
import { keyOf } from "./entity.ts";
import type { Behaviour, BehaviourOf, ProgramId, Run } from "./run.ts";

const COMMON = { startMs: 4_000, startFails: false, endsAs: "COMPLETED", drainMs: 0, onStop: "killed" } as const;
const SERVING = { ...COMMON, runsMs: null, exitMs: 500 } as const;
const BY_TYPE: Readonly<Record<ProgramType, Behaviour>> = {
  SERVICE: SERVING,
  WORKER: SERVING,
  SPARK: { ...COMMON, runsMs: null, exitMs: 2_000 },
  MAPREDUCE: { ...COMMON, runsMs: 30_000, exitMs: 2_000 },
  WORKFLOW: { ...COMMON, runsMs: 60_000, exitMs: 1_000 },
};
/** Of a batch: it ends by itself. */
const AS_CHILD_MS = 30_000;

/** What a program is like: what the lab was told of it, else what a part of the lab says, else as its type. */
export class Behaviours {
  readonly #told: Record<string, Partial<Behaviour>>;
  readonly #sources: BehaviourOf[] = [];

  constructor(cluster: LabCluster) {
    this.#told = cluster.part<Record<string, Partial<Behaviour>>>("behaviours", () => ({}));
    cluster.control("behaviour", (body) => {
      const { program, behaviour } = body as { readonly program: ProgramId; readonly behaviour: Partial<Behaviour> | null };
      this.set(program, behaviour);
    });
  }
  source(of: BehaviourOf): void {
    this.#sources.push(of);
  }
  /** Null: as before. */
  set(program: ProgramId, behaviour: Partial<Behaviour> | null): void {
    if (behaviour === null) delete this.#told[keyOf(program)];
    else this.#told[keyOf(program)] = behaviour;
  }
  of(run: Run): Behaviour {
    const usual = { ...BY_TYPE[run.program.type], ...(run.parent === null ? {} : { runsMs: AS_CHILD_MS }) };
    const said = this.#sources.reduce<Partial<Behaviour>>((known, source) => ({ ...known, ...source(run) }), {});
    return { ...usual, ...said, ...this.#told[keyOf(run.program)] };
  }
}
