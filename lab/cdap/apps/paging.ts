// `GET /apps` (facts 3.1, A1).
import { badRequest } from "../logic/answers.ts";
import type { AppStore, StoredVersion } from "./app-store.ts";
import { recordOf } from "./records.ts";

const FILTERS = {
  CONTAINS: (name: string, wanted: string): boolean => name.toLowerCase().includes(wanted.toLowerCase()),
  EQUALS: (name: string, wanted: string): boolean => name === wanted,
  EQUALS_IGNORE_CASE: (name: string, wanted: string): boolean => name.toLowerCase() === wanted.toLowerCase(),
} as const;
const isFilter = (text: string): text is keyof typeof FILTERS => text in FILTERS;

interface Row {
  readonly app: string;
  readonly version: StoredVersion;
  readonly latest: boolean;
}

/** An array; with a page size, an object with one page and, if that page is full, a token of the next one, which may turn out to be empty. Error 400. */
export function listApps(apps: AppStore, namespace: string, query: URLSearchParams): unknown {
  const size = Number(query.get("pageSize") ?? "0");
  if (!Number.isInteger(size) || size < 0) throw badRequest(`Invalid pageSize ${query.get("pageSize") ?? ""}.`);
  const rows = sorted(rowsOf(apps, namespace, query), query).map((row, index) => ({ row, token: `${row.app}:${row.version.version}`, index }));
  const records = (some: typeof rows): object[] => some.map(({ row }) => recordOf(row.app, row.version, row.latest));
  if (size === 0) return records(rows);
  const after = query.get("pageToken");
  const known = rows.find(({ token }) => token === after);
  if (after !== null && known === undefined) throw badRequest(`Invalid pageToken ${after}.`);
  const page = rows.slice((known?.index ?? -1) + 1).slice(0, size);
  const last = page.at(-1);
  return { applications: records(page), ...(page.length === size && last !== undefined ? { nextPageToken: last.token } : {}) };
}

function rowsOf(apps: AppStore, namespace: string, query: URLSearchParams): readonly Row[] {
  const names = query.get("artifactName")?.split(",") ?? null;
  const artifactVersion = query.get("artifactVersion");
  const wanted = query.get("nameFilter");
  const how = query.get("nameFilterType") ?? "CONTAINS";
  if (!isFilter(how)) throw badRequest(`Invalid nameFilterType ${how}.`);
  const rows: Row[] = [];
  for (const app of apps.apps(namespace)) {
    if (wanted !== null && !FILTERS[how](app, wanted)) continue;
    const versions = apps.versions(namespace, app) ?? [];
    const latest = versions.at(-1);
    for (const version of query.get("latestOnly") === "false" ? versions : versions.slice(-1)) {
      if (names !== null && !names.includes(version.artifact.name)) continue;
      if (artifactVersion !== null && version.artifact.version !== artifactVersion) continue;
      rows.push({ app, version, latest: version === latest });
    }
  }
  return rows;
}

function sorted(rows: readonly Row[], query: URLSearchParams): readonly Row[] {
  const direction = query.get("orderBy") === "DESC" ? -1 : 1;
  const byTime = query.get("sortCreationTime") === "true";
  const created = ({ version }: Row): number => version.change?.creationTimeMillis ?? 0;
  return rows.toSorted(
    (one, other) => direction * ((byTime ? created(one) - created(other) : 0) || (one.app < other.app ? -1 : one.app > other.app ? 1 : 0)),
  );
}
