// The users' programs stopped and started, definitions backed up and restored, without an upgrade. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import type { Kept, Maintenance, ProgramInput } from "../../../model/goal.ts";
import type { Json } from "../../../model/json.ts";
import type { Item } from "../../../model/step.ts";
import { startsOf } from "../ledger/starts-of.ts";
import { restoreKinds, type AppName, type LedgerRun, type RestoreKind, type StartEntry } from "../step-names.ts";
import { steps } from "../steps.ts";
import { some } from "../checks/check-kit.ts";
import { nameOf } from "../checks/selection.ts";
import { programText, programType } from "../wire/programs.ts";
import { stopOf, type Frame } from "./frame.ts";

const one = (id: string, title: string, items: readonly Item[]): Draft => ({ turns: [{ id, nodes: [], title, items }] });

export function maintenanceTurns(frame: Frame, maintenance: Maintenance): Draft | Refusal {
  switch (maintenance.is) {
    case "stop-programs": {
      const { inputs, grace } = maintenance;
      return one("stop", "runs stopped one by one, by their run ids", [
        steps.stopPrograms("stop programs", { inputs, stop: stopOf(frame.facts, grace) }),
      ]);
    }
    case "start-programs":
      return startTurn(maintenance);
    case "backup":
      return one("backup", `definitions into ${maintenance.directory}`, [
        steps.backup("backup", { directory: maintenance.directory, namespaces: frame.namespaces }),
      ]);
    case "restore-backup":
      return restoreTurn(frame, maintenance);
    case "recover":
    case "drain":
    case "restore":
      return { refused: `there is no ${maintenance.is} of a node here`, clear: "see `stillwater programs --help`", object: maintenance.is };
  }
}

function startTurn({ inputs, stopped, token }: Extract<Maintenance, { readonly is: "start-programs" }>): Draft | Refusal {
  if (inputs.length === 0) {
    const items = startsOf(stopped.flatMap(ledgerIn));
    if (items.length === 0)
      return { refused: "the last stop has stopped nothing that could be started again", clear: "name the programs", code: "SW2109" };
    return one("start", "what the last stop has stopped, each once", items);
  }
  const entries: StartEntry[] = [];
  for (const [index, input] of inputs.entries()) {
    const entry = entryOf(input, `${token}/${String(index)}`);
    if ("refused" in entry) return entry;
    entries.push(entry);
  }
  return one("start", `${String(entries.length)} programs`, [steps.startPrograms("start programs", { entries })]);
}
const isLedger = (params: Json): params is { readonly runs: readonly LedgerRun[] } =>
  params !== null && typeof params === "object" && "runs" in params;
const ledgerIn = ({ do: name, params }: Kept[number]): readonly LedgerRun[] => (name === "stopRuns" && isLedger(params) ? params.runs : []);

function entryOf({ namespace, appId, programType: typeName = "", programId, runtimeargs }: ProgramInput, mark: string): StartEntry | Refusal {
  const type = programType(typeName);
  if (appId === undefined || programId === undefined || type === null)
    return {
      refused: "a start names application, program type and program",
      clear: "--app NAME --program TYPE/NAME, TYPE one of mapreduce, services, spark, workers, workflows",
      object: appId ?? programId ?? typeName,
    };
  return { ns: namespace ?? "default", app: appId, type, program: programId, mark, after: null, args: runtimeargs ?? {} };
}

/** What an application cannot be without comes first (facts 6). */
const ofOneApp: ReadonlySet<RestoreKind> = new Set(["preferences", "applications", "schedules", "runtime arguments"]);

function restoreTurn({ facts }: Frame, { directory, app }: Extract<Maintenance, { readonly is: "restore-backup" }>): Draft | Refusal {
  const apps = app === null ? null : appsNamed(app);
  const kinds = restoreKinds.filter((kind) => apps === null || ofOneApp.has(kind));
  const active = facts.now.activeRuns.filter((run) => apps?.some((each) => each.ns === run.ns && each.app === run.app) ?? false);
  if (active.length > 0)
    return {
      refused: `what is restored runs: ${some([...new Set(active.map(programText))])}`,
      clear: "stop it first: `stillwater programs stop --namespace NS --app NAME`; `stillwater programs start` starts it again afterwards",
      object: nameOf(active[0] ?? { ns: "", app: app ?? "" }),
    };
  return one(
    "restore",
    apps === null ? "everything that the backup has" : `${some(apps.map(nameOf))} as the backup has ${apps.length === 1 ? "it" : "them"}`,
    kinds.map((kind) => steps.restoreDefinitions(`restore ${kind}`, { directory, kind, apps })),
  );
}
/** NAME or NAMESPACE.NAME, several separated by commas. */
export const appsNamed = (text: string): readonly AppName[] => text.split(",").map((name) => appName(name.trim()));
function appName(text: string): AppName {
  const dot = text.indexOf(".");
  return dot < 0 ? { ns: "default", app: text } : { ns: text.slice(0, dot), app: text.slice(dot + 1) };
}
