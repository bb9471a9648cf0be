// ProgramScheduleHttpHandler (facts 3.3) and the times of P15.
import { badRequest, json, notFound, text } from "../answers.ts";
import type { LabCluster } from "../cluster.ts";
import { typeOfPrettyName } from "../programs/entity.ts";
import type { Call } from "../routes.ts";
import { triggersIn, type Schedule, type ScheduleSpec } from "./schedule.ts";
import type { Schedules } from "./schedules.ts";

const ACTIONS: Readonly<Record<string, Schedule["status"]>> = {
  enable: "SCHEDULED",
  resume: "SCHEDULED",
  disable: "SUSPENDED",
  suspend: "SUSPENDED",
};

export class ScheduleRoutes {
  readonly #cluster: LabCluster;
  readonly #schedules: Schedules;

  constructor(cluster: LabCluster, schedules: Schedules) {
    this.#cluster = cluster;
    this.#schedules = schedules;
  }
  register(): void {
    const cluster = this.#cluster;
    const schedules = this.#schedules;
    for (const app of ["/v3/namespaces/{ns}/apps/{app}", "/v3/namespaces/{ns}/apps/{app}/versions/{version}"]) {
      const one = `${app}/schedules/{schedule}`;
      cluster.route("GET", `${app}/schedules`, (call) => json(this.#list(call).map(detailOf)));
      cluster.route("GET", `${app}/workflows/{workflow}/schedules`, (call) => {
        const own = this.#list(call).filter(({ program }) => program.programName === call.params["workflow"]);
        return json(own.map(detailOf));
      });
      cluster.route("GET", one, (call) => json(detailOf(this.#of(call))));
      cluster.route("PUT", one, (call) => {
        this.#hasApp(call);
        const { program, trigger, ...more } = specOf(call.body);
        if (program === undefined || trigger === undefined) throw badRequest("Must provide a program and a trigger in schedule create request");
        schedules.add(call.params["ns"] ?? "", call.params["app"] ?? "", { ...more, program, trigger, name: call.params["schedule"] ?? "" });
        return text(200);
      });
      cluster.route("DELETE", one, (call) => {
        schedules.remove(call.params["ns"] ?? "", call.params["app"] ?? "", call.params["schedule"] ?? "");
        return text(200);
      });
      cluster.route("GET", `${one}/status`, (call) => json({ status: this.#of(call).status }));
      cluster.route("POST", `${one}/update`, (call) => {
        const { namespace, application, name } = this.#of(call);
        schedules.update(namespace, application, name, specOf(call.body));
        return text(200);
      });
      cluster.route("POST", `${one}/{action}`, (call) => {
        const action = call.params["action"] ?? "";
        const status = ACTIONS[action];
        if (status === undefined) throw badRequest(`Action for schedules may only be 'enable', 'disable', 'suspend', or 'resume' but is'${action}'`);
        schedules.set(this.#of(call), status);
        return json("OK");
      });
    }
    cluster.route("GET", "/v3/namespaces/{ns}/schedules/trigger-type/program-status", (call) => json(this.#triggeredBy(call).map(detailOf)));
    cluster.route("PUT", "/v3/namespaces/{ns}/schedules/re-enable", ({ params, query }) => {
      const [start, end] = [Number(query.get("start-time-millis") ?? Number.NaN), Number(query.get("end-time-millis") ?? Number.NaN)];
      if (!(start >= 0 && end > start)) throw badRequest(`Invalid time window: start-time-millis ${String(start)}, end-time-millis ${String(end)}`);
      schedules.reEnable(params["ns"] ?? "", start, end);
      return text(200);
    });
    cluster.route("GET", "/v3/namespaces/{ns}/apps/{app}/workflows/{workflow}/nextruntime", (call) => {
      const own = this.#list(call).filter(({ program }) => program.programName === call.params["workflow"]);
      return json(own.flatMap((each) => timesOf(each, schedules.nextTime(each))));
    });
  }

  #hasApp({ params }: Call): void {
    const found = this.#cluster.applications.versions(params["ns"] ?? "", params["app"] ?? "");
    if (found === null) throw notFound(`application:${params["ns"] ?? ""}.${params["app"] ?? ""}.-SNAPSHOT`);
  }
  #of({ params }: Call): Schedule {
    return this.#schedules.get(params["ns"] ?? "", params["app"] ?? "", params["schedule"] ?? "");
  }
  #list(call: Call): readonly Schedule[] {
    this.#hasApp(call);
    const { params, query } = call;
    const types = query.get("trigger-type")?.split(",");
    const status = query.get("schedule-status");
    const typed = ({ trigger }: Schedule): boolean => {
      const own = triggersIn(trigger).map(({ type }) => type.toLowerCase().replace("_", "-"));
      return types === undefined || types.some((each) => own.includes(each));
    };
    return this.#schedules.of(params["ns"] ?? "", params["app"] ?? "").filter((each) => typed(each) && (status === null || each.status === status));
  }
  #triggeredBy({ query }: Call): readonly Schedule[] {
    const asked = (name: string): string => query.get(`trigger-${name}`) ?? "";
    const type = typeOfPrettyName(asked("program-type").replace(/s$/, ""));
    const fits = (schedule: Schedule): boolean =>
      triggersIn(schedule.trigger).some((trigger) => {
        if (trigger.type !== "PROGRAM_STATUS") return false;
        const { namespace, application, program } = trigger.programId;
        const same = namespace === asked("namespace-id") && application === asked("app-name") && program === asked("program-name");
        const status = asked("program-status");
        return (
          same && typeOfPrettyName(trigger.programId.type) === type && (status === "" || trigger.programStatuses.some((each) => each === status))
        );
      });
    return this.#schedules.all().filter(fits);
  }
}

const detailOf = (schedule: Schedule): Readonly<Record<string, unknown>> => ({ ...schedule, applicationVersion: "-SNAPSHOT" });
const timesOf = ({ application, name }: Schedule, at: number | null): readonly unknown[] =>
  at === null ? [] : [{ id: `${application}:${name}`, time: at }];
/** Throws 400. */
function specOf(body: string): Partial<ScheduleSpec> {
  let parsed: Partial<ScheduleSpec> | null;
  try {
    parsed = JSON.parse(body) as Partial<ScheduleSpec> | null;
  } catch {
    parsed = null;
  }
  if (typeof parsed !== "object" || parsed === null) throw badRequest("Request body is not a valid schedule");
  const { program } = parsed;
  return program === undefined ? parsed : { ...parsed, program: { ...program, programType: typeOfPrettyName(program.programType) } };
}
