// Values of settings as the server compares them. Pure.
import type { CatalogueEntry } from "../facts.ts";

const bytes: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const time: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

export type Parsed = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string };

/** `8kB`, `ms`: a count and a unit of the server. */
function baseOf(unit: string): { readonly family: Readonly<Record<string, number>>; readonly size: number } | null {
  const match = /^(\d*)([A-Za-z]+)$/.exec(unit);
  const name = match?.[2] ?? "";
  const family = Object.hasOwn(bytes, name) ? bytes : Object.hasOwn(time, name) ? time : null;
  return family === null ? null : { family, size: Number(match?.[1] === "" ? 1 : match?.[1]) * (family[name] ?? 1) };
}

/** The value in the form of `pg_settings.setting`: numbers in the setting's own unit, `on` and `off`. What only the server can judge passes as it is. */
export function parseValue(name: string, text: string, [, vartype, unit, min, max, allowed]: CatalogueEntry): Parsed {
  const bad = (why: string): Parsed => ({ ok: false, why: `${name} = ${text}: ${why}` });
  switch (vartype) {
    case "bool": {
      const value = text.trim().toLowerCase();
      if (value !== "" && ["on", "true", "yes", "1"].some((word) => (value === "o" ? false : word.startsWith(value))))
        return { ok: true, value: "on" };
      if (value !== "" && ["off", "false", "no", "0"].some((word) => (value === "o" ? false : word.startsWith(value))))
        return { ok: true, value: "off" };
      return bad("on or off is wanted");
    }
    case "enum":
      return allowed?.some((each) => each.toLowerCase() === text.trim().toLowerCase())
        ? { ok: true, value: text.trim().toLowerCase() }
        : bad(`one of ${(allowed ?? []).join(", ")} is wanted`);
    case "integer":
    case "real": {
      const match = /^\s*(0x[0-9A-Fa-f]+|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$/.exec(text);
      if (!match?.[1]) return bad("a number is wanted");
      let value = Number(match[1]);
      if (match[2]) {
        const base = unit === null ? null : baseOf(unit);
        const factor = base?.family[match[2]];
        if (!base || factor === undefined) return bad(unit === null ? "it has no unit" : `${match[2]} is no unit of it; its own is ${unit}`);
        value = (value * factor) / base.size;
      }
      if (vartype === "integer") value = Math.round(value);
      if ((min !== null && value < Number(min)) || (max !== null && value > Number(max)))
        return bad(`it lies outside ${min ?? ""} to ${max ?? ""}${unit === null ? "" : ` (in ${unit})`}`);
      return { ok: true, value: String(value) };
    }
    default:
      return { ok: true, value: text };
  }
}

/** The same value, however it is written? */
export function sameValue(name: string, a: string, b: string, entry: CatalogueEntry): boolean {
  const [left, right] = [parseValue(name, a, entry), parseValue(name, b, entry)];
  return left.ok && right.ok ? left.value === right.value : a === b;
}

/** The known names nearest to an unknown one, for `did you mean`. */
export function nearest(name: string, known: readonly string[], count = 3): readonly string[] {
  const ranked = known.map((each) => ({ each, distance: distance(name.toLowerCase(), each.toLowerCase()) }));
  const limit = Math.max(2, Math.floor(name.length / 3));
  return ranked
    .filter((entry) => entry.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.each < b.each ? -1 : 1))
    .slice(0, count)
    .map(({ each }) => each);
}
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
