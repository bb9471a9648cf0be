// The calls of CDAP that this driver makes, named as in facts 3: the only place that knows their paths. Reads throw when they cannot see; an effect takes
// the fence that only `Acting.send` gives (`context.send(api.via, (fence) => api.stopRun(fence, run))`) and returns the server's status.
import { z, type ZodType } from "zod";
import type { Fence } from "../../../model/fence.ts";
import type { HttpReply } from "../../../model/http.ts";
import { parsedJson } from "../../../model/json-schema.ts";
import type { Json } from "../../../model/json.ts";
import * as answers from "./answers.ts";
import type { AppDetail, AppRecord, ArtifactId, ProgramSpec, RunRecord, ScheduleDetail, Scope, StartItem, UpgradeItem } from "./answers.ts";
import type { CdapClient, Question } from "./client.ts";
import { CdapRefused, Malformed, wordsOf } from "./errors.ts";
import { chunksOf, inParallel } from "./parallel.ts";
import { isActive, programType, typeInBody, type ProgramId, type RunId, type RunStatus } from "./programs.ts";

export type { AppDetail, AppRecord, ArtifactId, ProgramSpec, RunRecord, ScheduleDetail, Scope, StartItem, UpgradeItem };

/** An effect's answer: `status` decides, `words` are the server's own (a hint). */
export interface Answer {
  readonly status: number;
  readonly words: string;
}
export interface AppVersion {
  readonly app: string;
  readonly version: string;
}
/** What an application is at one level: of the instance, a namespace, an application, a program. */
export type PreferencesOf = { readonly ns?: string; readonly app?: string; readonly program?: Pick<ProgramId, "type" | "program"> };

/** Applications in one answer; UpgradeJobMain takes 25, the most that is sensible is 100 (facts 3.1). */
const pageSize = 100;
/** Programs in one batch call: the limit that `runcount` states. */
const batchSize = 100;
/** Requests at a time of one call here. */
export const atATime = 16;

const enc = encodeURIComponent;
const nsPath = (ns: string): string => `/v3/namespaces/${enc(ns)}`;
const appPath = (ns: string, app: string): string => `${nsPath(ns)}/apps/${enc(app)}`;
const programPath = ({ ns, app, type, program }: ProgramId): string => `${appPath(ns, app)}/${type}/${enc(program)}`;
const preferencesPath = ({ ns, app, program }: PreferencesOf): string => {
  if (ns === undefined) return "/v3/preferences";
  if (app === undefined) return `${nsPath(ns)}/preferences`;
  return program === undefined ? `${appPath(ns, app)}/preferences` : `${programPath({ ns, app, ...program })}/preferences`;
};

export class CdapApi {
  /** Called before a schedule of an application is changed from here: whoever keeps what he has read forgets it. */
  onSchedule: ((ns: string, app: string) => void) | null = null;
  readonly #client: CdapClient;
  constructor(client: CdapClient) {
    this.#client = client;
  }
  /** For `Acting.send`: the host that effects go through, null over https. */
  get via(): string | null {
    return this.#client.via;
  }

  // ------------------------------------------------------------------------------------------------ any read
  /** Error `Malformed` for another form, `CdapRefused` for any status but 200. */
  async read<T>(shape: ZodType<T>, question: Question | string): Promise<T> {
    const asked = typeof question === "string" ? { path: question } : question;
    return this.#value(shape, asked.path, await this.#client.ask(asked));
  }
  /** Null: 404, there is none. */
  async find<T>(shape: ZodType<T>, question: Question | string): Promise<T | null> {
    const asked = typeof question === "string" ? { path: question } : question;
    const reply = await this.#client.ask(asked);
    return reply.status === 404 ? null : this.#value(shape, asked.path, reply);
  }
  /** Any JSON, as it came: what a backup keeps. Null: 404. */
  findJson(path: string): Promise<Json | null> {
    return this.find(parsedJson, path);
  }
  /** The reply as it is, whatever its status but 401, 403 and 502 to 504. */
  ask(question: Question): Promise<HttpReply> {
    return this.#client.ask(question);
  }

  // ------------------------------------------------------------------------------------------------ the instance
  /** False: it answers, and not with 200. Throws `Refused` when nobody listens. */
  async ping(): Promise<boolean> {
    return (await this.#client.ask({ path: "/ping", patienceMs: 0, timeoutMs: 10_000 })).status === 200;
  }
  async version(patienceMs?: number): Promise<string> {
    return (await this.read(answers.version, { path: "/v3/version", ...(patienceMs === undefined ? {} : { patienceMs }) })).version;
  }
  /** Service to `OK` or `NOTOK`. */
  servicesStatus(patienceMs?: number): Promise<Readonly<Record<string, string>>> {
    return this.read(answers.stringMap, { path: "/v3/system/services/status", ...(patienceMs === undefined ? {} : { patienceMs }) });
  }
  /** cConf; null: this principal may not read it, or the release does not tell. */
  async config(): Promise<Readonly<Record<string, string | null>> | null> {
    try {
      const reply = await this.#client.ask({ path: "/v3/config/cdap?format=json" });
      return reply.status === 200 ? this.#value(answers.configuration, "/v3/config/cdap", reply) : null;
    } catch (error) {
      if (error instanceof CdapRefused && error.status === 403) return null;
      throw error;
    }
  }
  async namespaces(patienceMs?: number): Promise<readonly string[]> {
    return (await this.read(answers.namespaces, { path: "/v3/namespaces", ...(patienceMs === undefined ? {} : { patienceMs }) })).map(
      ({ name }) => name,
    );
  }

  // ------------------------------------------------------------------------------------------------ applications
  /** A1, all pages. `all`: every version where a release keeps several; otherwise the latest of each. */
  async listApps(ns: string, versions: "latest" | "all" = "latest"): Promise<readonly AppRecord[]> {
    const found: AppRecord[] = [];
    for (let token: string | null = null; ;) {
      const query = new URLSearchParams({
        pageSize: String(pageSize),
        latestOnly: String(versions === "latest"),
        ...(token === null ? {} : { pageToken: token }),
      });
      // A release without paging answers with everything at once.
      const page = await this.read(z.union([answers.appPage, z.array(answers.appRecord)]), `${nsPath(ns)}/apps?${query.toString()}`);
      if ("applications" in page) {
        found.push(...page.applications);
        const next = page.nextPageToken ?? null;
        if (next === null || next === token) return found;
        token = next;
      } else return page;
    }
  }
  /** A2, A4. Null: there is none. */
  appDetail(ns: string, app: string, version: string | null = null): Promise<AppDetail | null> {
    return this.find(answers.appDetail, `${appPath(ns, app)}${version === null ? "" : `/versions/${enc(version)}`}`);
  }
  /** A15, in batches; one by one where a release has no such call. An application that has vanished is null. */
  async appDetails(ns: string, apps: readonly AppVersion[]): Promise<readonly (AppDetail | null)[]> {
    const found = await inParallel(chunksOf(apps, 50), 4, async (batch) => {
      const body = JSON.stringify(batch.map(({ app, version }) => ({ appId: app, version })));
      const path = `${nsPath(ns)}/appdetail`;
      const reply = await this.#client.ask({ path, method: "POST", body, timeoutMs: 90_000 });
      if (reply.status !== 200) return inParallel(batch, atATime, ({ app, version }) => this.appDetail(ns, app, version));
      const items = this.#value(answers.appDetailItems, path, reply);
      if (items.length !== batch.length) throw new Malformed(path, `${String(items.length)} answers to ${String(batch.length)} applications`);
      return items.map(({ statusCode, detail }) => (statusCode === 200 ? this.#shaped(answers.appDetail, path, detail) : null));
    });
    return found.flat();
  }
  /** A17: the zip, and the digest that the server states (`sha-256=BASE64`). */
  async exportApps(): Promise<{ readonly zip: Uint8Array; readonly digest: string | null; readonly disposition: string | null } | null> {
    const reply = await this.#client.ask({ path: "/v3/export/apps", wants: "bytes", timeoutMs: 120_000 });
    if (reply.status === 404) return null;
    if (reply.status !== 200 || reply.bytes === undefined) throw this.#client.refusal("/v3/export/apps", reply);
    return { zip: reply.bytes, digest: reply.headers?.["digest"] ?? null, disposition: reply.headers?.["content-disposition"] ?? null };
  }
  /** A10, all or by name. One item for each application that the answer names; an answer that breaks off throws `Unreachable`: read every application again. */
  async upgradeApps(
    fence: Fence,
    ns: string,
    apps: readonly string[],
    { scopes = [], allowSnapshot = false }: { readonly scopes?: readonly Scope[]; readonly allowSnapshot?: boolean } = {},
  ): Promise<Answer & { readonly items: readonly UpgradeItem[] }> {
    const query = new URLSearchParams(scopes.map((scope): [string, string] => ["artifactScope", scope]));
    if (allowSnapshot) query.append("allowSnapshot", "true");
    const path = `${nsPath(ns)}/upgrade${query.size === 0 ? "" : `?${query.toString()}`}`;
    const body = JSON.stringify(apps.map((name) => ({ name })));
    const reply = await this.#client.send(fence, { method: "POST", path, body, timeoutMs: 600_000 });
    const items = reply.status === 200 ? this.#value(z.array(answers.upgradeItem), path, reply) : [];
    return { ...answerOf(reply), items };
  }
  /** A5: deploys a new application or a new version of one. `request`: an AppRequest. */
  deployApp(fence: Fence, ns: string, app: string, request: Json): Promise<Answer> {
    return this.effect(fence, "PUT", appPath(ns, app), request, 120_000);
  }
  /** P13. Null: there is none. */
  programSpec(id: ProgramId): Promise<ProgramSpec | null> {
    return this.find(answers.programSpec, programPath(id));
  }

  // ------------------------------------------------------------------------------------------------ programs
  /** P7, in batches: of the latest version only, and STOPPING counts as RUNNING (facts 0.2, 3.2). Null: no such program. */
  async programStatuses(ns: string, programs: readonly ProgramId[]): Promise<readonly (string | null)[]> {
    const found = await inParallel(chunksOf(programs, batchSize), 4, async (batch) => {
      const items = await this.read(answers.statusItems, { path: `${nsPath(ns)}/status`, method: "POST", body: bodyOf(batch) });
      const known = new Map(items.map((item) => [keyOf(item), item.status ?? null]));
      return batch.map((id) => known.get(`${id.app} ${id.type} ${id.program}`) ?? null);
    });
    const statuses = found.flat();
    // What a workflow starts is not counted beside it.
    this.#client.sees(ns, new Set(programs.flatMap(({ app }, index) => ((statuses[index] ?? "STOPPED") === "STOPPED" ? [] : [app]))).size);
    return statuses;
  }
  /** P8, in batches: the latest run of the latest version alone. Null: there is none, or no such program. */
  async latestRuns(ns: string, programs: readonly ProgramId[]): Promise<readonly (RunRecord | null)[]> {
    const found = await inParallel(chunksOf(programs, batchSize), 4, async (batch) => {
      const items = await this.read(answers.runItems, { path: `${nsPath(ns)}/runs`, method: "POST", body: bodyOf(batch) });
      const known = new Map(items.map((item) => [keyOf(item), item.runs?.[0] ?? null]));
      return batch.map((id) => known.get(`${id.app} ${id.type} ${id.program}`) ?? null);
    });
    return found.flat();
  }
  /** P10: of all versions unless one is named, of all statuses unless one is, newest first. Null: no such program. */
  runs(
    id: ProgramId,
    {
      limit = 100,
      version = null,
      status = null,
    }: { readonly limit?: number; readonly version?: string | null; readonly status?: RunStatus | null } = {},
  ): Promise<readonly RunRecord[] | null> {
    const { ns, app, type, program } = id;
    const at = version === null ? programPath(id) : `${appPath(ns, app)}/versions/${enc(version)}/${type}/${enc(program)}`;
    return this.find(z.array(answers.runRecord), `${at}/runs?limit=${String(limit)}${status === null ? "" : `&status=${status}`}`);
  }
  /** P10: those without an end, of all versions. Null: no such program. */
  async activeRuns(id: ProgramId): Promise<readonly RunRecord[] | null> {
    // Newest first: a run that lasts may lie below hundreds of short ones.
    for (const limit of [100, 10_000]) {
      const found = await this.runs(id, { limit });
      if (found === null) return null;
      if (found.length < limit || limit === 10_000) return found.filter(({ status }) => isActive(status));
    }
    return [];
  }
  /** P11. Null: no such run. */
  run(id: RunId): Promise<RunRecord | null> {
    return this.find(answers.runRecord, `${programPath(id)}/runs/${enc(id.runId)}`);
  }
  /** P12. */
  async runtimeArgs(id: ProgramId): Promise<Readonly<Record<string, string>>> {
    return (await this.find(answers.stringMap, `${programPath(id)}/runtimeargs`)) ?? {};
  }
  /** P4: whichever version of the application the run is of. 400: it is not running, or STOPPING already (facts 0.5). `query`: `graceful=...` of 6.7-dev. */
  stopRun(fence: Fence, id: RunId, query = ""): Promise<Answer> {
    return this.effect(fence, "POST", `${programPath(id)}/runs/${enc(id.runId)}/stop${query === "" ? "" : `?${query}`}`);
  }
  /** P3: all active runs of the program in the latest version of its application, with a budget of 0 s: by force (facts 0.2). */
  stopProgram(fence: Fence, id: ProgramId): Promise<Answer> {
    return this.effect(fence, "POST", `${programPath(id)}/stop`);
  }
  /** P6: one item for each program of the call; match by program, never by place. */
  async startPrograms(
    fence: Fence,
    ns: string,
    programs: readonly (ProgramId & { readonly args: Readonly<Record<string, string>> })[],
  ): Promise<Answer & { readonly items: readonly StartItem[] }> {
    const path = `${nsPath(ns)}/start`;
    const body = JSON.stringify(programs.map((each) => ({ ...inBody(each), runtimeargs: each.args })));
    const reply = await this.#client.send(fence, { method: "POST", path, body, timeoutMs: 120_000 });
    return { ...answerOf(reply), items: reply.status === 200 ? this.#value(answers.startItems, path, reply) : [] };
  }

  // ------------------------------------------------------------------------------------------------ schedules, preferences, artefacts
  async schedules(ns: string, app: string): Promise<readonly ScheduleDetail[]> {
    return (await this.find(z.array(answers.scheduleDetail), `${appPath(ns, app)}/schedules`)) ?? [];
  }
  /** `SCHEDULED` or `SUSPENDED`; null: there is none. */
  async scheduleStatus(ns: string, app: string, schedule: string): Promise<string | null> {
    const found = await this.find(z.object({ status: z.string() }), `${appPath(ns, app)}/schedules/${enc(schedule)}/status`);
    return found?.status ?? null;
  }
  setSchedule(fence: Fence, ns: string, app: string, schedule: string, action: "enable" | "disable"): Promise<Answer> {
    this.onSchedule?.(ns, app);
    return this.effect(fence, "POST", `${appPath(ns, app)}/schedules/${enc(schedule)}/${action}`);
  }
  /** Only what is set at that level; `resolved`: with what the levels above set. */
  async preferences(of: PreferencesOf, resolved = false): Promise<Readonly<Record<string, string>>> {
    return (await this.find(answers.stringMap, `${preferencesPath(of)}${resolved ? "?resolved=true" : ""}`)) ?? {};
  }
  /** Of both scopes, all versions. */
  artifacts(ns: string): Promise<readonly ArtifactId[]> {
    return this.read(answers.artifactRecords, `${nsPath(ns)}/artifacts`);
  }
  /** New system artefacts from `app.artifact.dir`: after CDAP itself was upgraded (facts 3.5). */
  loadSystemArtifacts(fence: Fence): Promise<Answer> {
    return this.effect(fence, "POST", `${nsPath("system")}/artifacts`, undefined, 120_000);
  }

  /** Its value, in clear text: never written down as it is. Null: there is none. */
  async secureKey(ns: string, key: string): Promise<string | null> {
    const path = `${nsPath(ns)}/securekeys/${enc(key)}`;
    const reply = await this.#client.ask({ path });
    if (reply.status === 404) return null;
    if (reply.status !== 200) throw this.#client.refusal(path, reply);
    return reply.body;
  }

  // ------------------------------------------------------------------------------------------------ any effect
  async effect(fence: Fence, method: "POST" | "PUT" | "DELETE", path: string, body?: Json, timeoutMs?: number): Promise<Answer> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return answerOf(await this.#client.send(fence, { method, path, ...text, ...(timeoutMs === undefined ? {} : { timeoutMs }) }));
  }

  #value<T>(shape: ZodType<T>, asked: string, reply: HttpReply): T {
    if (reply.status !== 200) throw this.#client.refusal(asked, reply);
    let value: unknown;
    try {
      value = JSON.parse(reply.body);
    } catch (error) {
      throw new Malformed(asked, reply.body.trim() === "" ? "the answer is empty" : "it is not JSON, or was cut off", error);
    }
    return this.#shaped(shape, asked, value);
  }
  #shaped<T>(shape: ZodType<T>, asked: string, value: unknown): T {
    const parsed = shape.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new Malformed(asked, `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim(), parsed.error);
  }
}

const answerOf = ({ status, body }: HttpReply): Answer => ({ status, words: wordsOf(body) });
const inBody = ({ app, type, program }: ProgramId): Readonly<Record<string, string>> => ({
  appId: app,
  programType: typeInBody(type),
  programId: program,
});
const bodyOf = (programs: readonly ProgramId[]): string => JSON.stringify(programs.map(inBody));
const keyOf = ({ appId, programType: type, programId }: { appId: string; programType: string; programId: string }): string =>
  `${appId} ${programType(type) ?? type} ${programId}`;
