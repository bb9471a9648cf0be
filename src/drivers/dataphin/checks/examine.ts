// The one precheck that must ask somebody about this goal: Dataphin Manager has no API for its records, so the operator's own command is asked (facts 1.2, 3.2).
import type { Check } from "../../../model/facts.ts";
import type { DpCluster } from "../cluster.ts";
import type { Json } from "../../../model/json.ts";
import { parseJson } from "../wire/json.ts";
import { isObject, textIn } from "../wire/reading.ts";
import { blocker, notMeasured, passed, some } from "./check-kit.ts";

const askTimeoutMs = 30_000;
/** A record of one of these blocks a new one (facts 1.2, 1.7). */
const open = new Set(["configuring", "upgrading", "verifying"]);
const remedy = "In Dataphin Manager, Upgrade Records: Resume upgrade or Resume verification and end it, Cancel it, or force-stop it.";
const source = "facts 1.2: no configuration or upgrade in progress";

export async function examine(cluster: DpCluster): Promise<readonly Check[]> {
  const { records } = cluster;
  if (records === null)
    return [
      notMeasured("record", "Dataphin Manager", "it has no API for its upgrade records: whether one is in Configuring or Upgrading is not known", {
        remedy: "Look at Upgrade Records, or give a command that tells under options.records.",
        source,
      }),
    ];
  const { host } = cluster.manager ?? cluster.application;
  const result = await host.query(records, { timeoutMs: askTimeoutMs });
  const unread = (why: string): readonly Check[] => [
    notMeasured("record", "Dataphin Manager", `the command under options.records ${why}`, { remedy, source }),
  ];
  if (result.code !== 0) return unread(`ended with ${String(result.code)}: ${(result.stderr || result.stdout).trim().slice(0, 200)}`);
  const found = listed(result.stdout);
  if (found === null) return unread("printed no JSON list of records, each with its status");
  const blocking = found.filter(({ status }) => open.has(status.toLowerCase()));
  if (blocking.length === 0)
    return [passed("record", "Dataphin Manager", `no record in Configuring, Upgrading or Verifying (${String(found.length)} listed)`, { source })];
  const words = some(blocking.map(({ status, target }) => `${status} (${target ?? "target not told"})`));
  return [blocker("record", "Dataphin Manager", `another upgrade is open: ${words}`, { remedy, source })];
}

/** Null: that is no list of records. */
function listed(text: string): readonly { readonly status: string; readonly target: string | null }[] | null {
  try {
    const parsed = parseJson(text.trim() === "" ? "[]" : text);
    if (!Array.isArray(parsed)) return null;
    const found = parsed.flatMap((each: Json) => {
      const status = isObject(each) ? textIn(each, "status") : null;
      return status === null || !isObject(each) ? [] : [{ status, target: textIn(each, "target") }];
    });
    // One that does not tell its status may be open.
    return found.length === parsed.length ? found : null;
  } catch {
    return null;
  }
}
