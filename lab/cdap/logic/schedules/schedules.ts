// Schedules: by time and by the end of other programs. They go on while programs are drained (facts 3.3).
import type { Agenda } from "../agenda.ts";
import { ServerError, badRequest, conflict, notFound } from "../answers.ts";
import type { LabCluster } from "../cluster.ts";
import { typeOfPrettyName } from "../programs/entity.ts";
import type { Programs } from "../programs/programs.ts";
import type { EndStatus, Run } from "../programs/run.ts";
import { cronOf } from "./cron.ts";
import { triggersIn, type Schedule, type ScheduleSpec, type Trigger } from "./schedule.ts";

interface ScheduleId {
  readonly namespace: string;
  readonly application: string;
  readonly name: string;
}
/** What a trigger has brought about is forgotten when the schedule was changed meanwhile. */
interface Fire extends ScheduleId {
  readonly updated: number;
}
const ENDS: ReadonlySet<string> = new Set<EndStatus>(["COMPLETED", "FAILED", "KILLED"]);

export class Schedules {
  readonly #cluster: LabCluster;
  readonly #programs: Programs;
  readonly #state: Record<string, Record<string, Schedule>>;
  readonly #atTime: (ms: number, what: Fire) => void;
  readonly #launch: (ms: number, what: Fire) => void;

  constructor(cluster: LabCluster, agenda: Agenda, programs: Programs) {
    this.#cluster = cluster;
    this.#programs = programs;
    this.#state = cluster.part<Record<string, Record<string, Schedule>>>("schedules", () => ({}));
    this.#atTime = agenda.on<Fire>("time-trigger", (fire) => this.#timeCame(fire));
    this.#launch = agenda.on<Fire>("launch", (fire) => this.#launched(fire));
    programs.listen((run) => {
      if (ENDS.has(run.status)) this.#programEnded(run);
    });
  }

  /** Of an application, by name. */
  of(namespace: string, app: string): readonly Schedule[] {
    return Object.values(this.#state[`${namespace}/${app}`] ?? {});
  }
  in(namespace: string): readonly Schedule[] {
    return Object.values(this.#state)
      .flatMap((own) => Object.values(own))
      .filter((each) => each.namespace === namespace);
  }
  all(): readonly Schedule[] {
    return Object.values(this.#state).flatMap((own) => Object.values(own));
  }
  /** Throws 404. */
  get(namespace: string, app: string, name: string): Schedule {
    const found = this.#state[`${namespace}/${app}`]?.[name];
    if (found === undefined) throw notFound(`schedule:${namespace}.${app}.-SNAPSHOT.${name}`);
    return found;
  }
  /** A new one is SUSPENDED. Throws 400, 404, 409. */
  add(namespace: string, app: string, spec: ScheduleSpec): void {
    if (this.#state[`${namespace}/${app}`]?.[spec.name] !== undefined) throw conflict(`Schedule '${spec.name}' already exists`);
    this.#put(namespace, app, spec);
  }
  /** As `app.deploy.update.schedules` says: those of the specification are added and changed, others removed. */
  deploy(namespace: string, app: string, specs: readonly ScheduleSpec[]): void {
    for (const spec of specs) this.#put(namespace, app, spec);
    const names = new Set(specs.map(({ name }) => name));
    for (const { name } of this.of(namespace, app)) if (!names.has(name)) this.remove(namespace, app, name);
  }
  /** What is left out stays as it is; a schedule that is SCHEDULED stays so. */
  update(namespace: string, app: string, name: string, change: Partial<ScheduleSpec>): void {
    this.#put(namespace, app, { ...this.get(namespace, app, name), ...change, name });
  }
  remove(namespace: string, app: string, name: string): void {
    this.get(namespace, app, name);
    delete this.#state[`${namespace}/${app}`]?.[name];
    this.#cluster.changed();
  }
  /** With its application. */
  forget(namespace: string, app: string): void {
    delete this.#state[`${namespace}/${app}`];
    this.#cluster.changed();
  }
  /** Idempotent, but 409 in old versions (facts 3.3). */
  set(schedule: Schedule, status: Schedule["status"]): void {
    if (schedule.status === status) {
      if (this.#cluster.release.scheduleConflicts)
        throw conflict(`Schedule '${schedule.name}' is already ${status === "SCHEDULED" ? "enabled" : "disabled"}`);
      return;
    }
    schedule.status = status;
    this.#touched(schedule);
  }
  /** Those that were suspended in the window, `to` exclusive. Ms since 1970. */
  reEnable(namespace: string, from: number, to: number): void {
    for (const schedule of this.in(namespace)) {
      const { status, lastUpdateTime } = schedule;
      if (status === "SUSPENDED" && lastUpdateTime >= from && lastUpdateTime < to) this.set(schedule, "SCHEDULED");
    }
  }
  /** Ms since 1970. */
  nextTime({ trigger, status }: Schedule): number | null {
    const times = triggersIn(trigger).map((each) =>
      each.type === "TIME" ? (cronOf(each.cronExpression)?.next(this.#cluster.clock.now()) ?? null) : null,
    );
    const known = times.filter((each) => each !== null);
    return status === "SUSPENDED" || known.length === 0 ? null : Math.min(...known);
  }

  #put(namespace: string, application: string, spec: ScheduleSpec): void {
    for (const trigger of triggersIn(spec.trigger)) check(trigger);
    const own = (this.#state[`${namespace}/${application}`] ??= {});
    const { name, description = "", program, properties = {}, trigger, constraints = [], timeoutMillis = 86_400_000 } = spec;
    const status = own[name]?.status ?? "SUSPENDED";
    const schedule: Schedule = {
      namespace,
      application,
      name,
      description,
      program,
      properties,
      trigger,
      constraints,
      timeoutMillis,
      status,
      lastUpdateTime: 0,
    };
    own[name] = schedule;
    this.#touched(schedule);
  }
  #touched(schedule: Schedule): void {
    schedule.lastUpdateTime = Math.floor(this.#cluster.clock.now());
    if (schedule.status === "SCHEDULED") this.#await(schedule);
    this.#cluster.changed();
  }
  #await(schedule: Schedule): void {
    const next = this.nextTime(schedule);
    if (next !== null) this.#atTime(next - this.#cluster.clock.now(), fireOf(schedule));
  }
  /** Null: suspended, changed or gone meanwhile. */
  #still({ namespace, application, name, updated }: Fire): Schedule | null {
    const found = this.#state[`${namespace}/${application}`]?.[name];
    return found?.status === "SCHEDULED" && found.lastUpdateTime === updated ? found : null;
  }
  #timeCame(fire: Fire): void {
    const schedule = this.#still(fire);
    if (schedule === null) return;
    this.#triggered(schedule);
    this.#await(schedule);
  }
  #programEnded({ program, status }: Run): void {
    const fits = (trigger: Trigger): boolean => {
      if (trigger.type !== "PROGRAM_STATUS") return false;
      const { namespace, application, type, program: name } = trigger.programId;
      const same = namespace === program.namespace && application === program.app && name === program.name;
      return same && typeOfPrettyName(type) === program.type && trigger.programStatuses.some((each) => each === status);
    };
    for (const schedule of this.all()) {
      if (schedule.status === "SCHEDULED" && triggersIn(schedule.trigger).some(fits)) this.#triggered(schedule);
    }
  }
  /** The job waits in a queue of its own. Of an AND the lab waits for one only. */
  #triggered(schedule: Schedule): void {
    this.#launch(this.#cluster.settings.durations.messaging, fireOf(schedule));
  }
  #launched(fire: Fire): void {
    const schedule = this.#still(fire);
    if (schedule === null) return;
    const { programName, programType } = schedule.program;
    const program = { namespace: schedule.namespace, app: schedule.application, type: programType, name: programName };
    try {
      this.#programs.start(program, schedule.properties);
    } catch (error) {
      // Nobody hears of it but the server's log: its limit is reached, or the program is gone.
      if (!(error instanceof ServerError)) throw error;
    }
  }
}

const fireOf = ({ namespace, application, name, lastUpdateTime }: Schedule): Fire => ({ namespace, application, name, updated: lastUpdateTime });
function check(trigger: Trigger): void {
  if (trigger.type === "TIME" && cronOf(trigger.cronExpression) === null) throw badRequest(`Invalid cron expression '${trigger.cronExpression}'`);
  if (trigger.type === "PROGRAM_STATUS") typeOfPrettyName(trigger.programId.type);
}
