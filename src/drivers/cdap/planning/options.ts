// The options of a plan (`-o KEY=VALUE`), parsed. Pure.
import type { Refusal } from "../../../model/driver.ts";
import type { Goal, Grace } from "../../../model/goal.ts";
import type { Scope } from "../wire/api.ts";

/** Applications by name; `ns` null: of whichever namespace has one of that name. */
export type AppSelection = "all" | readonly { readonly ns: string | null; readonly app: string }[];

export interface PlanOptions {
  /** `applications`: `--to` is a version of their artefacts, or `latest`. `platform`: it is one of CDAP itself. */
  readonly of: "applications" | "platform";
  /** Applications to upgrade; of a platform: afterwards. Null: none. */
  readonly apps: AppSelection | null;
  /** Both when empty. */
  readonly scopes: readonly Scope[];
  readonly allowSnapshot: boolean;
  readonly grace: Grace;
  /** What is done with real-time pipelines that the upgrade API does not take: a refusal, nothing, or the documented way around (facts 4.4). */
  readonly realTime: "refuse" | "leave" | "redeploy";
  /** Batch runs: stopped like everything else, or waited for. */
  readonly batch: "stop" | "wait";
}

/** For people, with what they mean. */
export const optionWords: Readonly<Record<string, string>> = {
  apps: "all, or NAME and NAMESPACE.NAME separated by commas: upgrades applications, --to is latest or a version of their artefacts",
  to: "for applications: latest, or a version of their artefacts; the same as --to",
  "apps-after": "all, or names as in apps: applications to upgrade to the latest artefacts after CDAP itself",
  "artifact-scope": "SYSTEM or USER: only artefacts of that scope; both when it is not given",
  "allow-snapshot": "yes: snapshot versions of artefacts count as later ones, too; no",
  grace: "how runs are stopped: server (its own budget), never (never by force), or a number of seconds, then by force",
  "real-time":
    "real-time pipelines that the upgrade API does not take: refuse; leave: they stay as they are; redeploy: stopped, deployed with the new artefacts, started",
  batch: "stop: batch runs are stopped with the rest; wait: until they have ended by themselves",
};

export const latest = "latest";
const refuse = (key: string, value: string, clear: string): Refusal => ({ refused: `option ${key}=${value} is not valid`, clear, object: key });
const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "refused" in value;

export function planOptions({ options }: Pick<Goal, "options">): PlanOptions | Refusal {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(optionWords, key));
  if (unknown !== undefined)
    return { refused: `there is no option ${unknown}`, clear: `the options are: ${Object.keys(optionWords).join(", ")}`, object: unknown };
  if (options["apps"] !== undefined && options["apps-after"] !== undefined)
    return refuse("apps-after", options["apps-after"], "apps upgrades applications alone, apps-after does so after CDAP itself: one of them");
  const apps = selectionOf(options["apps"] === undefined ? "apps-after" : "apps", options["apps"] ?? options["apps-after"]);
  if (isRefusal(apps)) return apps;
  const scope = options["artifact-scope"]?.toUpperCase();
  if (scope !== undefined && scope !== "SYSTEM" && scope !== "USER") return refuse("artifact-scope", scope, "one of SYSTEM, USER");
  const snapshot = options["allow-snapshot"] ?? "no";
  if (snapshot !== "yes" && snapshot !== "no") return refuse("allow-snapshot", snapshot, "one of yes, no");
  const grace = graceOf(options["grace"] ?? "server");
  if (isRefusal(grace)) return grace;
  const realTime = options["real-time"] ?? "refuse";
  if (realTime !== "refuse" && realTime !== "leave" && realTime !== "redeploy")
    return refuse("real-time", realTime, "one of refuse, leave, redeploy");
  const batch = options["batch"] ?? "stop";
  if (batch !== "stop" && batch !== "wait") return refuse("batch", batch, "one of stop, wait");
  return {
    of: options["apps"] === undefined ? "platform" : "applications",
    apps,
    scopes: scope === undefined ? [] : [scope],
    allowSnapshot: snapshot === "yes",
    grace,
    realTime,
    batch,
  };
}

/** With `apps` alone, `--to` is `latest`: what `SystemDriver.complete` puts into the goal. */
export function completed(goal: Goal): Goal {
  if (goal.maintenance || goal.version !== null || goal.options["apps"] === undefined) return goal;
  return { ...goal, version: goal.options["to"] ?? latest };
}

function selectionOf(key: string, text: string | undefined): AppSelection | null | Refusal {
  if (text === undefined) return null;
  if (text === "all") return "all";
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !/^(?:[A-Za-z0-9_]+\.)?[A-Za-z0-9_-]+$/.test(name));
  if (wrong !== undefined) return refuse(key, text, "all, or NAME and NAMESPACE.NAME separated by commas");
  return names.map((name) => {
    const dot = name.indexOf(".");
    return { ns: dot < 0 ? null : name.slice(0, dot), app: name.slice(dot + 1) };
  });
}

function graceOf(text: string): Grace | Refusal {
  if (text === "server" || text === "never") return text;
  const seconds = Number(text);
  return /^\d{1,7}$/.test(text) ? seconds : refuse("grace", text, "server, never, or a number of seconds");
}
