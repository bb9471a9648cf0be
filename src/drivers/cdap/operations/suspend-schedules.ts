// Schedules of all namespaces: what is SCHEDULED is written down, suspended, and enabled again, nothing else (facts 3.3). A program that ends may trigger others,
// so they are suspended before anything is stopped.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Item } from "../../../model/step.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import { some } from "../checks/check-kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { ScheduleName, StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import { inParallel } from "../wire/parallel.ts";
import type { Desk } from "./desk.ts";

/** A complete look is believed for so long while the step is held. */
const freshMs = 5 * 60_000;
/** After a server that does not answer. */
const restMs = 10_000;
const lanes = 8;
/** A request that got no answer may still arrive. */
const settleMs = 15_000;

interface Found {
  readonly scheduled: readonly ScheduleName[];
  readonly suspended: number;
}

interface Under {
  readonly slice: () => Promise<boolean>;
  readonly words: () => string;
  readonly found: () => Found;
}

/** All schedules, in slices; one at a time in a process. */
class Schedules {
  readonly #desk: Desk;
  #under: Under | null = null;
  constructor(desk: Desk) {
    this.#desk = desk;
  }
  /** A text: what is still under way. */
  async look(namespaces: readonly string[] | null): Promise<Found | string> {
    this.#under ??= await this.#begin(namespaces);
    const { slice, words, found } = this.#under;
    if (!(await slice())) return words();
    this.#under = null;
    return found();
  }
  async #begin(namespaces: readonly string[] | null): Promise<Under> {
    const { cluster, directory, sweep } = this.#desk;
    const { programs } = await directory.list(namespaces);
    // Only workflows have schedules.
    const apps = new Map(programs.filter(({ type }) => type === "workflows").map(({ ns, app }) => [`${ns}.${app}`, { ns, app }]));
    const scheduled: ScheduleName[] = [];
    let suspended = 0;
    const all = sweep([...apps.values()], async ({ ns, app }) => {
      for (const { name: schedule, status } of await cluster.api.schedules(ns, app)) {
        const is = status ?? (await cluster.api.scheduleStatus(ns, app, schedule));
        if (is === "SCHEDULED") scheduled.push({ ns, app, schedule });
        else suspended += 1;
      }
    });
    return {
      slice: () => all.slice(),
      words: () => `schedules of ${String(all.done)} of ${String(all.of)} applications are read`,
      found: () => ({ scheduled: scheduled.toSorted(byName), suspended }),
    };
  }
}
const textOf = ({ ns, app, schedule }: ScheduleName): string => `${ns}.${app}.${schedule}`;
const byName = (a: ScheduleName, b: ScheduleName): number => (textOf(a) < textOf(b) ? -1 : 1);

export function suspendSchedules(desk: Desk): NamedOperation<CdapFacts, StepParams["suspendSchedules"]> {
  const schedules = new Schedules(desk);
  let done: { readonly at: number; readonly suspended: number } | null = null;
  let notBefore = 0;
  return operation<CdapFacts, StepParams["suspendSchedules"]>("suspendSchedules", {
    look: async ({ namespaces }): Promise<Look> => {
      const now = desk.cluster.now();
      if (done !== null && now - done.at < freshMs) return { is: "done", proof: { suspended: done.suspended } };
      if (now < notBefore) return { is: "waiting", for: "CDAP, which did not answer" };
      try {
        const found = await schedules.look(namespaces);
        if (typeof found === "string") return { is: "waiting", for: found };
        if (found.scheduled.length > 0) {
          done = null;
          return { is: "expand", into: [steps.suspendListed("ledger", { schedules: found.scheduled })] };
        }
        done = { at: desk.cluster.now(), suspended: found.suspended };
        return { is: "done", proof: { suspended: found.suspended } };
      } catch (error) {
        notBefore = desk.cluster.now() + restMs;
        throw error;
      }
    },
  });
}

/** Those that have not that status yet; one that is gone has it: there is nothing to do about it. */
async function without(desk: Desk, schedules: readonly ScheduleName[], wanted: "SCHEDULED" | "SUSPENDED"): Promise<Check> {
  const open: ScheduleName[] = [];
  const gone: string[] = [];
  await inParallel(schedules, lanes, async (each) => {
    const status = await desk.cluster.api.scheduleStatus(each.ns, each.app, each.schedule);
    if (status === null) gone.push(textOf(each));
    else if (status !== wanted) open.push(each);
  });
  return { open: open.toSorted(byName), gone: gone.toSorted() };
}
interface Check {
  readonly open: readonly ScheduleName[];
  readonly gone: readonly string[];
}

function listed(
  desk: Desk,
  name: "suspendListed" | "enableSchedules",
  action: "disable" | "enable",
  wanted: "SUSPENDED" | "SCHEDULED",
  undo?: (params: { readonly schedules: readonly ScheduleName[] }) => readonly Item[],
): NamedOperation<CdapFacts, { readonly schedules: readonly ScheduleName[] }> {
  return operation<CdapFacts, { readonly schedules: readonly ScheduleName[] }>(name, {
    settleMs,
    answersSettle: true,
    fenced: desk.cluster.api.via === null ? "unfenced" : "host",
    look: async ({ schedules }): Promise<Look> => {
      const { open, gone } = await without(desk, schedules, wanted);
      const [first] = open;
      if (first !== undefined)
        return { is: "open", why: `${textOf(first)}${open.length > 1 ? ` and ${String(open.length - 1)} more` : ""} not ${wanted} yet` };
      return { is: "done", proof: { schedules: schedules.length - gone.length, gone: [...gone] } };
    },
    act: async ({ schedules }, _, context) => {
      const { api } = desk.cluster;
      const { open } = await without(desk, schedules, wanted);
      const refused: string[] = [];
      await inParallel(open, lanes, async (each) => {
        const { ns, app, schedule } = each;
        const { status, words } = await context.send(api.via, (fence) => api.setSchedule(fence, ns, app, schedule, action));
        // 409 of a release that minds a second time (facts 3.3), or 404: the next look says what came of it.
        if (status !== 200 && status !== 404 && status !== 409) refused.push(`${textOf(each)}: ${String(status)} ${words}`);
      });
      if (refused.length > 0)
        throw new StillwaterError("SW2106", `Schedules could not be ${action}d: ${some(refused, 3)}`, {
          object: refused[0]?.split(":")[0] ?? "",
          why: refused,
          remedy: "Mend the cause and `stillwater resume`.",
        });
      return null;
    },
    ...(undo === undefined ? {} : { undo }),
  });
}
export const suspendListed = (desk: Desk): NamedOperation<CdapFacts, StepParams["suspendListed"]> =>
  listed(desk, "suspendListed", "disable", "SUSPENDED", ({ schedules }) => [steps.enableSchedules("enable", { schedules })]);
export const enableSchedules = (desk: Desk): NamedOperation<CdapFacts, StepParams["enableSchedules"]> =>
  listed(desk, "enableSchedules", "enable", "SCHEDULED");
