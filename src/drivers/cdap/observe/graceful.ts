// Whether this build reads `?graceful` at all (facts 2): asked in a way that stops nothing, because the run does not exist.
import type { CdapApi } from "../wire/api.ts";
import { wordsOf } from "../wire/errors.ts";
import type { ProgramId } from "../wire/programs.ts";

/** A run id of the right form (a version 1 UUID) that no server has made: its time is the year 1582. */
const noRun = "00000000-0000-1000-8000-000000000000";

/** A negative period is refused before the run is looked for, by those that read it; all others say that the run is not there. */
export async function gracefulOf(api: CdapApi, { ns, app, type, program }: ProgramId): Promise<"ignored" | "honoured" | "unknown"> {
  const path = `/v3/namespaces/${ns}/apps/${app}/${type}/${program}/runs/${noRun}/stop?graceful=-1`;
  const reply = await api.ask({ path, method: "POST" });
  if (reply.status === 400 && /graceful/i.test(wordsOf(reply.body))) return "honoured";
  return reply.status === 400 || reply.status === 404 ? "ignored" : "unknown";
}
