// libpq connection strings, `key=value` form: what a standby follows.

export type ConnInfo = ReadonlyMap<string, string>;

/** Null for the URI form and for a text that libpq would refuse. */
export function parseConnInfo(text: string): ConnInfo | null {
  const found = new Map<string, string>();
  const pair = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;
  const trimmed = text.trim();
  while (pair.lastIndex < trimmed.length) {
    const match = pair.exec(trimmed);
    if (!match?.[1]) return null;
    found.set(match[1], (match[2] ?? match[3] ?? "").replaceAll(/\\(.)/g, "$1"));
  }
  return found;
}

const quote = (value: string): string => (/^[^\s'\\]+$/.test(value) ? value : `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`);
export const formatConnInfo = (info: ConnInfo): string => [...info].map(([key, value]) => `${key}=${quote(value)}`).join(" ");

export interface Follow {
  readonly host: string;
  readonly port: number;
  /** Overrides of the template; null keeps what it says. */
  readonly user: string | null;
  readonly password: string | null;
  readonly applicationName: string | null;
}

/**
 * The template (how this or another standby connected until now: TLS, pass file, time-outs) turned to another primary. Several hosts in the template
 * become the one, since a standby that chooses by itself could follow a server that is no primary.
 */
export function followConnInfo(template: ConnInfo, to: Follow): string {
  const info = new Map(template);
  for (const key of ["host", "hostaddr", "port", "target_session_attrs", "load_balance_hosts"]) info.delete(key);
  const merged = new Map([["host", to.host], ["port", String(to.port)], ...info]);
  if (to.user !== null) merged.set("user", to.user);
  if (to.password !== null) merged.set("password", to.password);
  if (to.applicationName !== null) merged.set("application_name", to.applicationName);
  return formatConnInfo(merged);
}
