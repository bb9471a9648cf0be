// What the window crosses: the generation of the next day's instances, midnight, the last day of grants (facts 2.4, 2.5).
import type { Check } from "../../../model/facts.ts";
import { dueIn } from "../impact/amounts.ts";
import { clockTime, crossings, expiryInstant, generationHour } from "../window.ts";
import { blocker, count, lasting, passed, some, warning, type Scope } from "./check-kit.ts";

export const calendarChecks = (scope: Scope): readonly Check[] => [...generationCheck(scope), ...midnightCheck(scope)];

/** What the mode really takes, and never less than was planned for it. */
const windowEnd = ({ window, spans }: Scope): number => Math.max(window.to, window.from + spans("whole turn"));

function generationCheck(scope: Scope): readonly Check[] {
  const { facts, mode, window } = scope;
  const { timeZone } = facts.structure;
  const to = windowEnd(scope);
  const [night] = crossings({ from: window.from, to }, timeZone, generationHour);
  const words = `from ${clockTime(window.from, timeZone)} to ${clockTime(to, timeZone)} (${timeZone})`;
  if (night === undefined) return [passed("generation", "instances of the next day", `the window, ${words}, does not cross 23:00`)];
  const source = "facts 2.5: instances of the next day are generated at 23:00";
  if (mode === "zero-downtime")
    return [warning("generation", "instances of the next day", `the window, ${words}, crosses 23:00 while the application is rolled`, { source })];
  const today = dueIn(facts, facts.now.at - 86_400_000, facts.now.at + 86_400_000);
  return [
    blocker("generation", "instances of the next day", `the window, ${words}, crosses 23:00, when the instances of the next day are generated`, {
      remedy: "Choose another start: `-o start=HH:MM`.",
      price: `the next day's instances${today > 0 ? ` (about ${String(today)})` : ""} are generated late or not at all, and nothing of that day runs until they are`,
      source,
    }),
  ];
}

function midnightCheck(scope: Scope): readonly Check[] {
  const { facts, mode, window } = scope;
  const { timeZone, grants } = facts.structure;
  const midnights = crossings({ from: window.from, to: windowEnd(scope) }, timeZone, 0);
  if (midnights.length === 0) return [passed("midnight", "grants", "the window does not cross midnight: no grant expires in it")];
  if (grants === null) return [];
  const expiring = grants.filter(({ expires }) => {
    const instant = expires === null ? null : expiryInstant(expires, timeZone);
    return instant !== null && midnights.includes(instant);
  });
  const names = new Map((facts.structure.apis ?? []).map(({ id, name }) => [id, name]));
  if (expiring.length === 0) return [passed("midnight", "grants", "the window crosses midnight, and no grant expires then")];
  const list = some(expiring.map(({ api, appKey, expires }) => `${appKey} for ${names.get(api) ?? api} (${expires ?? ""})`));
  return [
    mode === "zero-downtime"
      ? passed("midnight", "grants", `${count(expiring.length, "grant")} expire at midnight, while the application serves`)
      : warning(
          "midnight",
          list,
          mode === "downtime"
            ? `${count(expiring.length, "grant")} expire at midnight and stay valid until the application is back, about ${lasting(scope, "expiry overdue")}`
            : `${count(expiring.length, "grant")} expire at midnight; whether they are revoked in this mode is undocumented`,
          {
            remedy: "Revoke them before (RevokeDataServiceApi), extend them, or choose another start: `-o start=HH:MM`.",
            source: "facts 2.4, DP-12",
          },
        ),
  ];
}
