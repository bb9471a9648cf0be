import { createHash } from "node:crypto";
import type { Reply, Request } from "../../../kit/network.ts";
import type { Credentials, Surroundings } from "../cluster.ts";
import { bodyOf, json, page, target, words } from "../http.ts";
import { durationOf, timeOf } from "../times.ts";
import { actions, leaveMaintenance, nameOf, PlatformClient, rerunKilled, sleep, type ActionContext } from "./actions.ts";
import { commitsAt, isOpen, modes, refusesMode, stepsOf, type ManagerStep, type StepState, type UpgradeRecord } from "./record.ts";

interface State {
  records: UpgradeRecord[];
  /** Version configurations by version: their text. */
  configurations: Record<string, string>;
  /** How far the open record is to go by itself. */
  until: ManagerStep | null;
}
/** What a control answers when it does not do it. */
class NotNow extends Error {}
const RETRY_MS = 2_000;

/**
 * Dataphin Manager: upgrade records, a state machine that is saved before and after everything it does, and a page by which it is driven. It shares nothing with
 * the application and resumes by itself where it was killed.
 */
export class Manager {
  readonly #surroundings: Surroundings;
  readonly #credentials: Credentials;
  readonly #state: State;
  #working = false;

  constructor(surroundings: Surroundings, credentials: Credentials) {
    this.#surroundings = surroundings;
    this.#credentials = credentials;
    const saved = surroundings.store?.load() ?? null;
    this.#state = saved === null ? { records: [], configurations: {}, until: null } : (JSON.parse(saved) as State);
  }

  async start(): Promise<void> {
    await this.#surroundings.network.listen(this.#surroundings.endpoints.manager, (request) => this.#serve(request));
    // Killed in the middle of a step: it is done again, which every step stands.
    for (const step of this.#open()?.steps ?? []) if (step.state === "running") step.state = "open";
    this.#go();
  }

  #save(): void {
    this.#surroundings.store?.save(JSON.stringify(this.#state));
  }
  #open(): UpgradeRecord | undefined {
    return this.#state.records.find(isOpen);
  }
  /** Error when there is none. */
  #record(): UpgradeRecord {
    const found = this.#open();
    if (found === undefined) throw new NotNow("there is no upgrade in progress");
    return found;
  }

  async #serve(request: Request): Promise<Reply> {
    const { path } = target(request);
    try {
      if (path.startsWith("/opsconsole/v2")) return this.#page(request);
      if (path === "/lab/manager" && request.method === "GET") return json(200, this.view());
      if (path.startsWith("/lab/manager/") && request.method === "POST") {
        await this.#control(path.slice("/lab/manager/".length), bodyOf(request));
        return json(200, this.view());
      }
      return page(404, "Not found", path);
    } catch (error) {
      if (error instanceof NotNow) return json(409, { message: error.message });
      throw error;
    }
  }

  /** What `curl` and a person's browser see: own logon, then the list of records. */
  #page(request: Request): Reply {
    const { user, password } = this.#credentials.manager;
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const title = "Dataphin Manager (Stillwater lab)";
    if (target(request).path === "/opsconsole/v2") return page(200, title, "User name and password of the O&M staff, please.");
    if (request.headers["authorization"] !== wanted)
      return { ...page(401, title, "log on"), headers: { "www-authenticate": 'Basic realm="opsconsole"' } };
    return json(200, this.view());
  }

  view(): object {
    const now = this.#surroundings.clock.now();
    const time = (at: number | null): string | null => (at === null ? null : timeOf(at));
    const duration = (from: number | null, to: number | null): string | null => (from === null ? null : durationOf((to ?? now) - from));
    return {
      records: this.#state.records.map((record) => ({
        ...record,
        upgradeStartTime: time(record.upgradeStart),
        upgradeDuration: duration(record.upgradeStart, record.upgradeEnd),
        maintenanceStartTime: time(record.maintenanceStart),
        maintenanceDuration: duration(record.maintenanceStart, record.maintenanceEnd),
      })),
      configurations: Object.keys(this.#state.configurations),
      working: this.#working,
    };
  }

  async #control(what: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    switch (what) {
      case "upload":
        return this.#upload(words(body["text"]));
      case "start":
        return this.#select(body);
      case "next":
        return this.#next();
      case "run":
        return this.#runTo(body["until"] === undefined ? null : stepNamed(body["until"]));
      case "step":
        return this.#command(body);
      case "finish":
        return this.#finish(body["result"] === "failed" ? "failed" : "succeeded");
      case "terminate":
        return this.#terminate(body["rerun"] === true);
      case "force-stop":
        return this.#forceStop(body["mark"] === "succeeded" ? "succeeded" : "failed", words(body["reason"]));
      case "cancel":
        return this.#cancel();
      case "leave-maintenance":
        return this.#leaveBehind();
      default:
        throw new NotNow(`no control ${what}`);
    }
  }

  /** A version configuration: bad content is refused with its reason, one of a known version replaces what was stored (facts 1.4). */
  #upload(text: string): void {
    const version = /^version:\s*v?(\d+(?:\.\d+){2,3})\s*$/im.exec(text)?.[1];
    if (version === undefined) throw new NotNow("the configuration file has no line `version: MAJOR.MINOR.PATCH[.BUILD]`");
    this.#state.configurations[version] = text;
    this.#save();
  }

  /** Saving makes the record; it starts when it is told to. */
  async #select(body: Readonly<Record<string, unknown>>): Promise<void> {
    const other = this.#open();
    if (other !== undefined) throw new NotNow(`an upgrade to ${other.target} is ${other.status}: finish, terminate or force-stop it first`);
    const version = words(body["target"]).replace(/^v/i, "");
    const mode = modes.find((each) => each === body["mode"]);
    if (mode === undefined) throw new NotNow(`mode: one of ${modes.join(", ")} is wanted`);
    const { version: initial } = await new PlatformClient(this.#surroundings).state();
    const why = refusesMode(mode, initial, version);
    if (why !== null) throw new NotNow(why);
    const configuration = this.#state.configurations[version] ?? `version: ${version}\n`;
    this.#state.records.push({
      id: this.#state.records.length + 1,
      initial,
      target: version,
      mode,
      status: "Configuring",
      upgradeStart: null,
      upgradeEnd: null,
      maintenanceStart: null,
      maintenanceEnd: null,
      steps: stepsOf[mode].map((step): StepState => ({ step, state: "open", start: null, end: null, attempts: 0, log: [] })),
      killList: [],
      actor: words(body["actor"]) || this.#credentials.manager.user,
      configDigest: createHash("sha256").update(configuration).digest("hex"),
      mark: null,
    });
    this.#save();
  }

  #next(): void {
    const step = this.#record().steps.find(({ state }) => state !== "done");
    if (step === undefined) throw new NotNow("all steps are done: verify, and finish");
    this.#runTo(step.step);
  }
  /** Null: to the end. */
  #runTo(until: ManagerStep | null): void {
    const record = this.#record();
    const last = until ?? record.steps.at(-1)?.step ?? null;
    if (last !== null && !record.steps.some(({ step }) => step === last)) throw new NotNow(`${nameOf(record.mode)} has no step ${last}`);
    for (const step of record.steps) if (step.state === "failed") step.state = "open";
    this.#state.until = last;
    this.#save();
    this.#go();
  }

  /**
   * As a command of the cluster file says it: a step, the mode and the version, each step after the one before. What is done already is done; steps
   * before it that are still open are done first.
   */
  async #command({ step, mode, version }: Readonly<Record<string, unknown>>): Promise<void> {
    const record = this.#open();
    const wanted = words(version).replace(/^v/i, "");
    if (record !== undefined && (record.target !== wanted || record.mode !== mode))
      throw new NotNow(`an upgrade to ${record.target} (${record.mode}) is ${record.status}`);
    switch (step) {
      case "select-version":
        return record === undefined ? this.#select({ target: wanted, mode, actor: "command" }) : undefined;
      case "resume-dispatch":
        await new PlatformClient(this.#surroundings).set({ dispatch: true });
        return;
      case "leave-maintenance":
        if (record === undefined) return this.#leaveBehind();
        if (record.status === "Verifying") return this.#finish("succeeded");
        return this.#terminate(false);
      default: {
        const named = stepNamed(step);
        if (
          record === undefined &&
          this.#state.records.some((each) => each.target === wanted && each.mode === mode && each.status === "Upgrade Succeeded")
        )
          return;
        this.#runTo(named);
      }
    }
  }

  async #finish(result: "succeeded" | "failed"): Promise<void> {
    const record = this.#record();
    if (record.status !== "Verifying") throw new NotNow(`the upgrade is ${record.status}: only one that is Verifying can be finished`);
    await this.#endMaintenance(record);
    record.status = result === "succeeded" ? "Upgrade Succeeded" : "Upgrade Failed";
    record.upgradeEnd = this.#surroundings.clock.now();
    this.#save();
  }

  /** Clean only before applications are stopped (facts 1.6). */
  async #terminate(rerun: boolean): Promise<void> {
    const record = this.#record();
    const limit = record.steps.findIndex(({ step }) => step === commitsAt[record.mode]);
    if (record.status === "Verifying" || record.steps.slice(limit).some(({ state }) => state !== "open"))
      throw new NotNow(`${commitsAt[record.mode]} has begun: there is no clean end any more, only force-stop`);
    this.#state.until = null;
    if (record.status !== "Configuring") await this.#endMaintenance(record);
    const step = record.steps[0];
    if (rerun && step !== undefined)
      await rerunKilled({
        surroundings: this.#surroundings,
        record,
        step,
        save: () => {
          this.#save();
        },
      });
    record.status = "Upgrade Stopped";
    record.upgradeEnd = this.#surroundings.clock.now();
    this.#save();
  }

  /** Nothing is put back: what is left is for a person, and the record shows it (facts 1.6). */
  #forceStop(mark: "succeeded" | "failed", reason: string): void {
    const record = this.#record();
    if (record.status === "Configuring") throw new NotNow("it has not started: cancel it");
    this.#state.until = null;
    record.status = mark === "succeeded" ? "Force-Stopped and Marked as Succeeded" : "Force-Stopped and Marked as Failed";
    record.mark = reason;
    record.upgradeEnd = this.#surroundings.clock.now();
    this.#save();
  }

  #cancel(): void {
    const record = this.#record();
    if (record.status !== "Configuring") throw new NotNow(`the upgrade is ${record.status}: only one that is Configuring can be cancelled`);
    this.#state.records = this.#state.records.filter((each) => each !== record);
    this.#save();
  }

  /** After a forced end: what an administrator does by hand. */
  async #leaveBehind(): Promise<void> {
    if (this.#open() !== undefined) throw new NotNow("an upgrade is in progress");
    await leaveMaintenance(this.#surroundings);
    const last = this.#state.records.at(-1);
    if (last !== undefined) last.maintenanceEnd ??= this.#surroundings.clock.now();
    this.#save();
  }

  async #endMaintenance(record: UpgradeRecord): Promise<void> {
    await leaveMaintenance(this.#surroundings);
    if (record.maintenanceStart !== null) record.maintenanceEnd = this.#surroundings.clock.now();
  }

  #go(): void {
    if (!this.#working) void this.#work();
  }
  /** Steps, one after the other, as far as it was told. */
  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (;;) {
        const record = this.#open();
        const { until } = this.#state;
        const last = record?.steps.findIndex(({ step }) => step === until) ?? -1;
        const at = record?.steps.findIndex(({ state }) => state !== "done") ?? -1;
        const step = record?.steps[at];
        if (record === undefined || step === undefined || last < at || step.state === "failed") return;
        await this.#perform(record, step);
      }
    } finally {
      this.#working = false;
    }
  }

  async #perform(record: UpgradeRecord, step: StepState): Promise<void> {
    const { clock } = this.#surroundings;
    const context: ActionContext = {
      surroundings: this.#surroundings,
      record,
      step,
      save: () => {
        this.#save();
      },
    };
    step.state = "running";
    step.start ??= clock.now();
    step.attempts += 1;
    if (record.status === "Configuring") record.status = "Upgrading";
    record.upgradeStart ??= clock.now();
    this.#save();
    try {
      await actions[step.step](context);
      // Somebody ended the upgrade meanwhile.
      if (!isOpen(record)) return;
      step.state = "done";
      step.end = clock.now();
      if (record.steps.every(({ state }) => state === "done")) {
        record.status = record.mode === "zero-downtime" ? "Upgrade Succeeded" : "Verifying";
        if (record.mode === "zero-downtime") record.upgradeEnd = clock.now();
      }
    } catch (error) {
      step.state = "failed";
      step.log.push(error instanceof Error ? error.message : String(error));
      this.#state.until = null;
      await this.#giveBack(record, step);
      await sleep(clock, RETRY_MS);
    }
    this.#save();
  }

  /** A backup that fails stops the upgrade before anything is changed; with downtime, the application is down already and stays so. */
  async #giveBack(record: UpgradeRecord, step: StepState): Promise<void> {
    if (step.step !== "backup-database" || record.mode !== "semi-downtime") return;
    await new PlatformClient(this.#surroundings).set({ dispatch: true });
  }
}

function stepNamed(name: unknown): ManagerStep {
  const found = stepsOf.downtime.find((step) => step === name);
  if (found === undefined) throw new NotNow(`no step ${String(name)}; there are ${stepsOf.downtime.join(", ")}`);
  return found;
}
