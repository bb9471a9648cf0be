// The vendor's impact tables as data, with what its pages are silent about (facts 2.1 to 2.5, DP-3 to DP-19). A row says what is felt, for how long or how
// often, who says so, and how it is measured; what it comes to on one installation, `impact.ts` computes.
import type { Mode } from "../../../model/goal.ts";
import type { Effect } from "../../../model/impact.ts";
import type { ApiClass } from "../facts.ts";
import { counted, watched, type CountedWhat, type WatchedFeature } from "./features.ts";
import type { SpanName } from "./spans.ts";

/** Begins the source of a row about which the vendor says nothing: measured, neither match nor miss. */
export const undocumented = "undocumented";

/** What may be counted of an installation in a window. */
export type AmountName =
  | "none"
  | "instances that run or start before dispatch stops"
  | "instances due while dispatch is stopped"
  | "instances due while the application is upgraded"
  | "offline instances of the window"
  | "real-time alert events of the gap"
  | "API alert rules"
  | "instances of the next day";

interface RowOf {
  /** Of the requirements; a row may show several. */
  readonly requirements: readonly string[];
  /** Facts section and row, or `undocumented`. */
  readonly source: string;
  /** The vendor's words, short; null: it has none. */
  readonly says: string | null;
  readonly effect: Effect;
}
export type ImpactRow = RowOf &
  (
    | { readonly is: "time"; readonly feature: WatchedFeature; readonly span: SpanName; readonly of: "longest" | "total"; readonly only?: ApiClass }
    | { readonly is: "number"; readonly feature: CountedWhat; readonly span: SpanName; readonly amount: AmountName }
  );

type More = Partial<Pick<Extract<ImpactRow, { is: "time" }>, "of" | "only">>;
const time = (feature: WatchedFeature, effect: Effect, span: SpanName, from: Omit<RowOf, "effect">, more: More = {}): ImpactRow => ({
  is: "time",
  feature,
  effect,
  span,
  of: "longest",
  ...from,
  ...more,
});
const number = (feature: CountedWhat, effect: Effect, span: SpanName, amount: AmountName, from: Omit<RowOf, "effect">): ImpactRow => ({
  is: "number",
  feature,
  effect,
  span,
  amount,
  ...from,
});
/** Nothing of it is felt. */
const unfelt = (feature: WatchedFeature, from: Omit<RowOf, "effect">): ImpactRow => time(feature, "none", "nothing", from);
const noneOf = (feature: CountedWhat, from: Omit<RowOf, "effect">): ImpactRow => number(feature, "none", "nothing", "none", from);
const by = (source: string, says: string | null, ...requirements: readonly string[]): Omit<RowOf, "effect"> => ({ source, says, requirements });
const silent = (what: string, ...requirements: readonly string[]): Omit<RowOf, "effect"> => ({
  source: `${undocumented}: ${what}`,
  says: null,
  requirements,
});

/** Which feature tells of a class, in the order of the vendor's table. */
const works: readonly (readonly [WatchedFeature, ApiClass])[] = [
  [watched.directApis, "direct"],
  [watched.serviceUnitApis, "serviceUnit"],
  [watched.compositeApis, "composite"],
  [watched.registeredApis, "registered"],
];
const fails: readonly (readonly [WatchedFeature, ApiClass])[] = [
  [watched.logicalTableApis, "logicalTable"],
  [watched.dataphinSourceApis, "dataphinSource"],
  [watched.compositeLogicalApis, "compositeLogical"],
];
const perClass = (classes: typeof works, effect: Effect, span: SpanName, from: Omit<RowOf, "effect">): readonly ImpactRow[] =>
  classes.map(([feature, only]) => time(feature, effect, span, from, { only }));

const semi: readonly ImpactRow[] = [
  time(watched.logon, "refused", "no logon", by("facts 1.5, 2.1 prose", "logon once the application upgrade is complete", "DP-3")),
  noneOf(counted.undisturbed, by("facts 2.1 S1", "running offline instances run on", "DP-4")),
  unfelt(watched.realtimeJobs, by("facts 2.1 S5", "real-time tasks are not affected", "DP-4")),
  ...perClass(
    [...works, ...fails],
    "degraded",
    "blip",
    by("facts 2.1 S5, 2.2 D3b", "API calls are not affected; a few fail while DataService itself is upgraded", "DP-4"),
  ),
  unfelt(watched.retriedCalls, by("facts 2.1 S5, 2.3", "retry", "DP-4")),
  number(
    counted.held,
    "paused",
    "application upgrade",
    "instances due while the application is upgraded",
    by("facts 2.1 S2", "blocked only in the application upgrade", "DP-5"),
  ),
  number(
    counted.offlineAlertsLate,
    "paused",
    "maintenance",
    "offline instances of the window",
    by("facts 2.1 S3", "alerting stops; events of the gap are sent afterwards", "DP-6"),
  ),
  noneOf(counted.offlineAlertsLost, by("facts 2.1 S3", "events of the gap are sent afterwards", "DP-6")),
  number(
    counted.falseTimeouts,
    "degraded",
    "maintenance",
    "offline instances of the window",
    by("facts 2.1 S3b", "a run-timeout rule may fire for an instance that succeeded", "DP-7"),
  ),
  time(watched.offlineOperations, "refused", "no logon", by("facts 2.1 S4", "resource groups, start and stop, logs are not supported", "DP-8")),
  time(watched.realtimeOperations, "refused", "no logon", by("facts 2.1 prose", "nobody logs on", "DP-8")),
  time(watched.apiDevelopment, "refused", "no logon", by("facts 2.1 prose", "nobody logs on", "DP-3")),
  time(watched.apiOperations, "refused", "no logon", by("facts 2.1 prose", "nobody logs on", "DP-3")),
  ...[watched.wrongSecretRejected, watched.ungrantedRejected, watched.fieldsWithheld].map((feature) =>
    unfelt(feature, by("facts 5.3 D4", "API calls are not affected", "DP-4")),
  ),
  time(watched.expiryApplied, "degraded", "whole turn", silent("whether expired grants are revoked meanwhile")),
  time(watched.developmentCalls, "degraded", "whole turn", silent("calls of APIs in development")),
  time(watched.throttling, "degraded", "whole turn", silent("throttling")),
  number(counted.realtimeAlertsDropped, "degraded", "whole turn", "real-time alert events of the gap", silent("real-time alerting")),
  number(counted.apiAlertsMissing, "degraded", "whole turn", "API alert rules", silent("API alerting")),
  number(counted.notGenerated, "degraded", "whole turn", "instances of the next day", silent("the nightly generation at 23:00")),
];

const downtime: readonly ImpactRow[] = [
  time(watched.logon, "refused", "no logon", by("facts 1.5, 2.2 prose", "no logon until the end", "DP-3")),
  number(
    counted.killed,
    "paused",
    "dispatch stopped",
    "instances that run or start before dispatch stops",
    by("facts 2.2 D1", "running offline instances are force-stopped", "DP-9"),
  ),
  number(
    counted.rerun,
    "paused",
    "dispatch stopped",
    "instances that run or start before dispatch stops",
    by("facts 2.2 D1", "run again after the application upgrade", "DP-9"),
  ),
  noneOf(counted.notRerun, by("facts 2.2 D1", "run again after the application upgrade", "DP-9")),
  noneOf(counted.rerunTwice, by("facts 2.2 D1", "run again, once", "DP-9")),
  number(
    counted.held,
    "paused",
    "dispatch stopped",
    "instances due while dispatch is stopped",
    by("facts 2.2 D2", "new ones are not dispatched", "DP-9"),
  ),
  unfelt(watched.realtimeJobs, by("facts 2.2 D8", "real-time instances run on, of integration and development", "DP-10")),
  ...perClass(works, "degraded", "blip", by("facts 2.2 D3a, D3b", "works; a few requests fail while DataService itself is upgraded", "DP-11")),
  ...perClass(fails, "refused", "application down", by("facts 2.2 D3a", "fails during the downtime", "DP-11")),
  unfelt(watched.retriedCalls, by("facts 2.2 D3b", "a few requests fail; retry", "DP-11", "DP-19")),
  time(watched.developmentCalls, "refused", "application down", by("facts 2.2 D3c", "only calls in production are supported", "DP-11")),
  unfelt(watched.wrongSecretRejected, by("facts 2.4", "a wrong key or secret is rejected, from the cache", "DP-12")),
  unfelt(watched.ungrantedRejected, by("facts 2.4", "authorisation of APIs holds, from the cache", "DP-12")),
  time(
    watched.fieldsWithheld,
    "lost",
    "fields open",
    by("facts 2.4", "field-level grants hold for 5 minutes; then every field is accessible", "DP-12"),
  ),
  time(watched.expiryApplied, "lost", "expiry overdue", by("facts 2.4", "a grant that expires at midnight meanwhile is not revoked", "DP-12")),
  time(watched.apiDevelopment, "refused", "no logon", by("facts 2.2 D5", "modify, publish, view are not supported", "DP-13")),
  time(watched.apiOperations, "refused", "no logon", by("facts 2.2 D6", "the running state cannot be viewed", "DP-14")),
  time(watched.throttling, "lost", "application down", by("facts 2.2 D7", "APIs are not throttled", "DP-15")),
  number(counted.apiAlertsMissing, "lost", "application down", "API alert rules", by("facts 2.2 D7", "no alerting of APIs", "DP-15")),
  number(
    counted.realtimeAlertsDropped,
    "lost",
    "application down",
    "real-time alert events of the gap",
    by("facts 2.2 D9", "dead until the application is restored; events of the gap are ignored", "DP-16"),
  ),
  time(watched.realtimeOperations, "refused", "no logon", by("facts 2.2 D10", "resource groups, start and stop, logs are not supported", "DP-17")),
  time(watched.offlineOperations, "refused", "no logon", by("facts 2.2 prose", "nobody logs on", "DP-3")),
  number(counted.offlineAlertsLate, "degraded", "whole turn", "offline instances of the window", silent("alerts of offline instances in this mode")),
  number(counted.offlineAlertsLost, "degraded", "whole turn", "offline instances of the window", silent("alerts of offline instances in this mode")),
  number(counted.falseTimeouts, "degraded", "whole turn", "offline instances of the window", silent("run-timeout rules in this mode")),
  number(counted.notGenerated, "degraded", "whole turn", "instances of the next day", silent("the nightly generation at 23:00")),
];

/** Rolling: a few requests fail, and nothing else is felt. */
const few = by("facts 2.3", "a small number of requests may fail", "DP-19");
const normal = by("facts 2.3", "everything else works as normal", "DP-18");
const zero: readonly ImpactRow[] = [
  time(watched.logon, "degraded", "blip", by("facts 2.3", "yes; a small number of requests may fail", "DP-3", "DP-18")),
  ...perClass([...works, ...fails], "degraded", "blip", few),
  unfelt(watched.retriedCalls, by("facts 2.3", "retry: it succeeds", "DP-19")),
  time(watched.developmentCalls, "degraded", "blip", few),
  // Their clients try seldom.
  ...[watched.offlineOperations, watched.realtimeOperations, watched.apiDevelopment, watched.apiOperations, watched.throttling].map((feature) =>
    time(feature, "degraded", "seldom tried blip", few),
  ),
  ...[watched.realtimeJobs, watched.wrongSecretRejected, watched.ungrantedRejected, watched.fieldsWithheld, watched.expiryApplied].map((feature) =>
    unfelt(feature, normal),
  ),
  ...[
    counted.undisturbed,
    counted.held,
    counted.offlineAlertsLost,
    counted.offlineAlertsLate,
    counted.falseTimeouts,
    counted.realtimeAlertsDropped,
    counted.apiAlertsMissing,
    counted.notGenerated,
  ].map((what) => noneOf(what, normal)),
];

export const impactRows: Readonly<Record<Mode, readonly ImpactRow[]>> = { "zero-downtime": zero, "semi-downtime": semi, downtime };
