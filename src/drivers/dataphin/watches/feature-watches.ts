// A client of each feature of the impact tables, as its users meet it (facts 5.3). A feature that protects something works as long as it protects: a call that
// nobody answers leaks nothing.
import { StillwaterError } from "../../../model/errors.ts";
import type { FeatureOutcome, FeatureWatch } from "../../../model/watch.ts";
import { classWords } from "../api-words.ts";
import type { DpCluster, DpNode } from "../cluster.ts";
import { apiClasses } from "../facts.ts";
import { watched, type WatchedFeature } from "../impact/features.ts";
import { readRealtime } from "../inspect-realtime.ts";
import type { WatchOptions } from "../options.ts";
import { readConsole } from "../operations/console.ts";
import { expiryInstant } from "../window.ts";
import { listGrants, listPublishedApis } from "../wire/operations/data-service.ts";
import { listInstances } from "../wire/operations/instances.ts";
import { listProjects } from "../wire/operations/projects.ts";
import { listStreamTasks } from "../wire/operations/streams.ts";
import { callGateway, type GatewayAnswer, type GatewayCall } from "./gateway-call.ts";

/** Milliseconds. Management calls are throttled by the platform: they are tried less often. */
const often = { everyMs: 500, withinMs: 3_000 } as const;
const seldom = { everyMs: 5_000, withinMs: 8_000 } as const;
const works: FeatureOutcome = { is: "works" };

export function featureWatches(cluster: DpCluster): readonly FeatureWatch[] {
  const { gateway, watch, realtime } = cluster;
  return [
    { feature: watched.logon, ...often, try: () => logon(cluster) },
    ...management(cluster),
    ...(realtime === null ? [] : [realtimeJobs(cluster, realtime)]),
    ...(gateway === null || watch === null ? [] : gatewayWatches(cluster, gateway, watch)),
  ];
}

async function logon(cluster: DpCluster): Promise<FeatureOutcome> {
  const { state, why } = await readConsole(cluster);
  if (state === "accessible") return works;
  return { is: state === "unreachable" ? "failed" : "refused", why: `${state}: ${why}` };
}

/** People manage behind the logon page, with what the application answers: without either of them nobody does. */
function management(cluster: DpCluster): readonly FeatureWatch[] {
  const { api, zone, environment } = cluster;
  const calls: readonly (readonly [WatchedFeature, (project: string) => Promise<unknown>])[] = [
    [watched.offlineOperations, (project) => listInstances(api, zone, { project, environment, statuses: ["RUNNING"] })],
    [watched.realtimeOperations, (project) => listStreamTasks(api, { project, environment })],
    [watched.apiDevelopment, (project) => listPublishedApis(api, project)],
    [watched.apiOperations, (project) => listPublishedApis(api, project)],
  ];
  let project: string | null = null;
  return calls.map(([feature, call]) => ({
    feature,
    ...seldom,
    try: async () => {
      const page = await logon(cluster);
      if (page.is !== "works") return page;
      project ??= (await listProjects(api))[0]?.id ?? null;
      if (project !== null) await call(project);
      return works;
    },
  }));
}

/** What ran when the watch began runs on. */
function realtimeJobs(cluster: DpCluster, node: DpNode): FeatureWatch {
  let first: ReadonlySet<string> | null = null;
  return {
    feature: watched.realtimeJobs,
    everyMs: 1_000,
    withinMs: 8_000,
    try: async () => {
      const { jobs, why } = await readRealtime(cluster, node);
      if (jobs === null) return { is: "failed", why: why ?? "the runtime does not answer" };
      const running = new Set(jobs.filter(({ state }) => state === "RUNNING").map(({ id }) => id));
      first ??= running;
      const stopped = [...first].filter((id) => !running.has(id));
      if (stopped.length === 0) return { is: "works", detail: `${String(running.size)} jobs run` };
      const [job] = jobs.filter(({ id }) => stopped.includes(id));
      return {
        is: "failed",
        why: `${String(stopped.length)} jobs do not run: ${job === undefined ? (stopped[0] ?? "") : `${job.name} is ${job.state}`}`,
      };
    },
  };
}

function gatewayWatches(cluster: DpCluster, { url }: DpNode, watch: WatchOptions): readonly FeatureWatch[] {
  const call = (how: Omit<GatewayCall, "timeoutMs">): Promise<GatewayAnswer> =>
    callGateway(cluster, url, { ...how, timeoutMs: often.withinMs - 500 });
  const apis = watch.apis ?? {};
  const [first] = apiClasses.flatMap((each) => apis[each] ?? []);
  const { caller, ungranted, withheld, expiring, throttled } = watch;
  return [
    ...apiClasses.flatMap((each): readonly FeatureWatch[] => {
      const { feature } = classWords[each];
      const api = apis[each];
      if (api === undefined || feature === null) return [];
      return [{ feature, ...often, try: async (signal) => outcomeOf(await call({ api, caller, signal })) }];
    }),
    ...(first === undefined
      ? []
      : [
          { feature: watched.retriedCalls, ...often, try: async (signal: AbortSignal) => threeTimes(() => call({ api: first, caller, signal })) },
          {
            feature: watched.developmentCalls,
            ...often,
            try: async (signal: AbortSignal) => outcomeOf(await call({ api: first, caller, stage: "DEV", signal })),
          },
          {
            feature: watched.wrongSecretRejected,
            ...often,
            try: async (signal: AbortSignal) =>
              rejected(await call({ api: first, caller, secret: "a secret that is wrong", signal }), "a wrong secret"),
          },
        ]),
    ...(ungranted === undefined || first === undefined
      ? []
      : [
          {
            feature: watched.ungrantedRejected,
            ...often,
            try: async (signal: AbortSignal) => rejected(await call({ api: first, caller: ungranted, signal }), "an application without a grant"),
          },
        ]),
    ...(withheld === undefined
      ? []
      : [
          {
            feature: watched.fieldsWithheld,
            everyMs: 1_000,
            withinMs: often.withinMs,
            try: async (signal: AbortSignal) => fieldOutcome(await call({ api: withheld, caller, fields: [withheld.field], signal }), withheld.field),
          },
        ]),
    ...(expiring === undefined ? [] : [expiry(cluster, expiring, (signal) => call({ api: expiring, caller: expiring.caller, signal }))]),
    ...(throttled === undefined
      ? []
      : [
          {
            feature: watched.throttling,
            everyMs: 10_000,
            withinMs: 8_000,
            try: async (signal: AbortSignal) => {
              const answers = await Promise.all(Array.from({ length: throttled.perSecond }, () => call({ api: throttled, caller, signal })));
              return throttledOutcome(answers);
            },
          },
        ]),
  ];
}

function outcomeOf(answer: GatewayAnswer): FeatureOutcome {
  switch (answer.is) {
    case "answered":
      return works;
    case "throttled":
      return { is: "refused", why: "throttled" };
    case "refused":
    case "failed":
      return answer;
  }
}
/** As a client with a retry does it: at once, for another server answers. */
async function threeTimes(call: () => Promise<GatewayAnswer>): Promise<FeatureOutcome> {
  let outcome = outcomeOf(await call());
  for (let again = 0; again < 2 && outcome.is !== "works"; again++) outcome = outcomeOf(await call());
  return outcome;
}
function rejected(answer: GatewayAnswer, what: string): FeatureOutcome {
  if (answer.is === "answered") return { is: "failed", why: `${what} was accepted` };
  return { is: "works", detail: answer.is === "failed" ? "no answer, so nothing was given away" : "rejected" };
}
function fieldOutcome(answer: GatewayAnswer, field: string): FeatureOutcome {
  if (answer.is !== "answered") return { is: "works", detail: answer.is === "failed" ? "no answer, so nothing was given away" : answer.is };
  return holdsField(answer.body, field) ? { is: "failed", why: `field ${field} was answered without a grant` } : works;
}
/** Wherever in the answer a row has it. */
function holdsField(value: unknown, field: string): boolean {
  if (Array.isArray(value)) return value.some((item) => holdsField(item, field));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, held]) => key === field || holdsField(held, field));
}
function throttledOutcome(answers: readonly GatewayAnswer[]): FeatureOutcome {
  const counts = answers.filter(({ is }) => is === "throttled").length;
  const answered = answers.filter(({ is }) => is === "answered").length;
  if (counts > 0) return { is: "works", detail: `${String(counts)} of ${String(answers.length)} calls were throttled` };
  return { is: "failed", why: `none of ${String(answers.length)} calls at once was throttled, ${String(answered)} were answered` };
}

/** The last day of a grant is asked for while the application answers, and kept. */
function expiry(
  cluster: DpCluster,
  expiring: NonNullable<WatchOptions["expiring"]>,
  call: (signal: AbortSignal) => Promise<GatewayAnswer>,
): FeatureWatch {
  let over: number | null = null;
  return {
    feature: watched.expiryApplied,
    everyMs: 1_000,
    withinMs: 8_000,
    try: async (signal) => {
      over ??= await expiresAt(cluster, expiring);
      if (cluster.now() < over) return { is: "works", detail: "the grant has not expired yet" };
      const answer = await call(signal);
      if (answer.is !== "answered") return { is: "works", detail: "refused after it had expired" };
      return { is: "failed", why: `answered ${String(Math.round((cluster.now() - over) / 1_000))} s after its grant had expired` };
    },
  };
}
/** Throws when nobody can tell: an outage with that reason is honest, `not expired yet` would not be. */
async function expiresAt(cluster: DpCluster, { id, caller }: NonNullable<WatchOptions["expiring"]>): Promise<number> {
  const expires = (await listGrants(cluster.api, caller.appKey)).find(({ api }) => api === id)?.expires ?? null;
  const over = expires === null ? null : expiryInstant(expires, cluster.zone.name);
  if (over === null)
    throw new StillwaterError("SW1102", `application ${caller.appKey} has no grant for API ${id} that expires`, { object: "watch.expiring" });
  return over;
}
