// libpq connection strings, `key=value` and URI form: what a standby follows.

export type ConnInfo = ReadonlyMap<string, string>;

/** Null for a text that libpq would refuse. */
export const parseConnInfo = (text: string): ConnInfo | null => (/^postgres(?:ql)?:\/\//.test(text) ? parseUri(text) : parsePairs(text));

function parsePairs(text: string): ConnInfo | null {
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

/** `postgresql://user:password@host:port,host:port/dbname?key=value&...`, each part may be absent and is percent-encoded. */
function parseUri(text: string): ConnInfo | null {
  const match = /^[a-z]+:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text);
  const places = hostsOf(match?.[3] ?? "");
  const parameters = parametersOf(match?.[5] ?? "");
  if (match === null || places === null || parameters === null) return null;
  const written: readonly (readonly [string, string])[] = [
    ["user", match[1] ?? ""],
    ["password", match[2] ?? ""],
    ["host", places.hosts],
    ["port", places.ports],
    ["dbname", match[4] ?? ""],
  ];
  try {
    // Not the `+` of web forms: libpq takes it as it is.
    return new Map([...written.filter(([, value]) => value !== ""), ...parameters].map(([key, value]) => [key, decodeURIComponent(value)]));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Several hosts and their ports are lists, as in the other form. */
function hostsOf(text: string): { readonly hosts: string; readonly ports: string } | null {
  const places = text.split(",").map((place) => /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d*))?$/.exec(place));
  if (places.includes(null)) return null;
  const ports = places.map((place) => place?.[3] ?? "");
  return { hosts: places.map((place) => place?.[1] ?? place?.[2] ?? "").join(","), ports: ports.some((port) => port !== "") ? ports.join(",") : "" };
}
function parametersOf(text: string): readonly (readonly [string, string])[] | null {
  const found = text.split("&").flatMap((part): readonly (readonly [string, string] | null)[] => {
    if (part === "") return [];
    const [, key, value] = /^([A-Za-z_]+)=([^=]*)$/.exec(part) ?? [];
    if (key === undefined || value === undefined) return [null];
    // The one word of JDBC that libpq takes.
    return [key === "ssl" && value === "true" ? ["sslmode", "require"] : [key, value]];
  });
  const known = found.filter((each) => each !== null);
  return known.length === found.length ? known : null;
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
