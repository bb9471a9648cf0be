// What becomes of API calls, and of what protects them (facts 2.2 D3 to D7, 2.4).
import type { Check } from "../../../model/facts.ts";
import { classWords } from "../api-words.ts";
import { apiClasses } from "../facts.ts";
import { cacheMsOf } from "../impact/impact.ts";
import { blocker, count, lasting, minutes, notMeasured, passed, sayLengths, some, warning, type Scope } from "./check-kit.ts";

/** The name under which the leak of fields is accepted. */
export const fieldGrantsCode = "field-grants";

export const dataServiceChecks = (scope: Scope): readonly Check[] => [...classChecks(scope), ...fieldGrantCheck(scope), ...alertCheck(scope)];

function classChecks(scope: Scope): readonly Check[] {
  const { facts, mode } = scope;
  const { apis } = facts.structure;
  if (apis === null) return [];
  const unknown = apis.filter((api) => api.class === "unknown");
  const notKnown = unknown.map(({ name, id }) => `${name} (${id})`);
  const found: Check[] = [];
  if (unknown.length > 0)
    found.push(
      notMeasured("api-classes", some(notKnown), `${count(unknown.length, "API")} of a class that its document does not tell`, {
        remedy: "Composite APIs and those on the Dataphin data source are told apart by no API: say it under options.declared.apis, with its source.",
        source: "facts 3.2",
      }),
    );
  const failing = apis.filter((api) => classWords[api.class].inDowntime === "fails");
  if (mode !== "downtime" || failing.length === 0)
    return [
      ...found,
      passed(
        "api-calls",
        "published APIs",
        `${count(apis.length, "published API")}${mode === "downtime" ? ", none of a class that fails" : ": calls are not affected, beside a few that are tried again"}`,
      ),
    ];
  const perClass = apiClasses.flatMap((each) => {
    const names = failing.filter((api) => api.class === each).map(({ name }) => name);
    return names.length === 0 ? [] : [`${classWords[each].name}: ${some(names, 3)}`];
  });
  return [
    ...found,
    warning(
      "api-calls",
      some(perClass),
      `${count(failing.length, "API")} of ${String(apis.length)} fail while the application is down, about ${lasting(scope, "application down")}`,
      {
        remedy: "Tell who calls them, or choose semi-downtime.",
        source: "facts 2.2 D3a, DP-11",
      },
    ),
  ];
}

function fieldGrantCheck(scope: Scope): readonly Check[] {
  const { facts, mode, spans, declared } = scope;
  const { grants, apis } = facts.structure;
  if (grants === null) return [];
  const named = new Map((apis ?? []).map(({ id, name }) => [id, name]));
  const listed = grants.filter(({ fields }) => fields !== null).map(({ api }) => api);
  const protectedApis = [...new Set([...listed, ...(declared.fieldGrants ?? []).map(({ api }) => api)])].map((id) => named.get(id) ?? id);
  const source = "facts 2.4, DP-12";
  if (protectedApis.length === 0) return [passed(fieldGrantsCode, "grants", "no API has field-level grants", { source })];
  const [downMs, cacheMs] = [spans("application down"), cacheMsOf(declared)];
  const down = `the application is down for about ${lasting(scope, "application down")}`;
  if (mode !== "downtime")
    return [
      passed(fieldGrantsCode, "grants", `${count(protectedApis.length, "API")} with field-level grants: the application keeps checking them`, {
        source,
      }),
    ];
  if (downMs <= cacheMs)
    return [passed(fieldGrantsCode, "grants", `${down}, and field-level grants hold for ${minutes(cacheMs)} without it`, { source })];
  return [
    blocker(
      fieldGrantsCode,
      some(protectedApis),
      `${down}; after ${minutes(cacheMs)} the cache of field-level grants lapses, and every field of ${count(protectedApis.length, "API")} is accessible to whoever may call it`,
      {
        remedy: `Choose semi-downtime, keep the downtime below ${minutes(cacheMs)}, have the cache last longer, or take the APIs off the gateway for the time. ${sayLengths}`,
        price: `fields that are withheld are readable for about ${minutes(downMs - cacheMs)}: ${some(protectedApis)}`,
        source,
      },
    ),
  ];
}

/** No API lists alert rules: what is declared is shown with its source, and what becomes of it. */
function alertCheck({ mode, declared }: Scope): readonly Check[] {
  const rules = declared.alertRules ?? [];
  if (rules.length === 0)
    return [
      notMeasured(
        "alert-rules",
        "alerting",
        "no API lists alert rules, and the cluster file declares none: how many are silent meanwhile is not known",
        {
          remedy: "Count them in the console and say it under options.declared.alertRules, with its source.",
          source: "facts 3.2",
        },
      ),
    ];
  const becomes: Readonly<Record<"offline" | "realtime" | "api", string>> =
    mode === "downtime"
      ? { offline: "undocumented", realtime: "events are dropped until the application is restored", api: "silent until the application is restored" }
      : mode === "semi-downtime"
        ? { offline: "events are sent after the upgrade; run-timeout rules may fire falsely", realtime: "undocumented", api: "undocumented" }
        : { offline: "as normal", realtime: "as normal", api: "as normal" };
  return rules.map(({ scope, rules: number, source }) => {
    const what = `${count(number, `${scope} alert rule`)}: ${becomes[scope]}`;
    return mode === "zero-downtime" || number === 0
      ? passed("alert-rules", scope, what, { source })
      : warning("alert-rules", scope, what, { remedy: "Stillwater's own watcher captures events and treats them by options.alerts.policy.", source });
  });
}
