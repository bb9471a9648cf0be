// The page where users log on, as their browser meets it.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { DpCluster } from "../cluster.ts";
import type { ConsoleState } from "../facts.ts";

const TIMEOUT_MS = 5_000;

/** Never throws for a page that does not answer: that is one of the states. */
export async function readConsole(cluster: Pick<DpCluster, "http" | "logonUrl">): Promise<{ readonly state: ConsoleState; readonly why: string }> {
  try {
    const { status } = await cluster.http.request({ method: "GET", url: cluster.logonUrl, timeoutMs: TIMEOUT_MS });
    // A redirect is the way to the logon page of whoever keeps the accounts.
    if (status >= 200 && status < 400) return { state: "accessible", why: "" };
    return { state: status === 503 ? "maintenance" : "stopped", why: `status ${String(status)}` };
  } catch (error) {
    if (error instanceof Refused) return { state: "stopped", why: error.message };
    if (error instanceof Unreachable) return { state: "unreachable", why: error.message };
    throw error;
  }
}
