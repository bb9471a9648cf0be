// Where a run is, in a few lines: what is known, what waits, how to go on. Pure.
import { errorTable, type ErrorCode } from "../../model/errors.ts";
import type { NodeView } from "../../model/facts.ts";
import type { RunView } from "../../usecases/run-view.ts";
import type { Status } from "../../usecases/status.ts";
import type { Style } from "./style.ts";
import { beside, clean, fit, labelled, lengthOf, pad, wrapTo } from "./text.ts";
import { about, at, clock, duration, plural, short } from "./time.ts";
import { probeText } from "./probe.ts";

export function statusLines(status: Status, style: Style, now: number): readonly string[] {
  const { run } = status;
  if (run === null) return [`${style.strong(clean(status.cluster))}  no run yet`, "Begin with: stillwater plan --help"];
  const lines = [...sentence(run, style, now)];
  const label = (name: string, text: string): void => void lines.push(...labelled(name, clean(text), style.columns));
  switch (run.state) {
    case "running":
    case "pausing":
    case "aborting":
      if (run.holder !== null)
        label("by", `${run.holder.operator} on ${run.holder.host} (${run.holder.verb}, pid ${run.holder.pid}), since ${at(run.holder.since, now)}`);
      if (run.step !== null) label("step", stepText(run, now));
      if (now - run.lastSign > 20_000)
        lines.push(...labelled("!", `no sign of life for ${duration(now - run.lastSign)}`, style.columns, 2).map((line) => style.accent(line)));
      break;
    case "stopped":
    case "paused":
    case "asks":
      if (run.asks !== null) label("asked", run.asks.question);
      lines.push(...knownLines(run, style, now));
      break;
    case "succeeded":
    case "aborted":
    case "force-stopped":
      label("done", `${run.steps.done} of ${plural(run.steps.of, "step")}, ended ${at(run.endedAt ?? run.lastSign, now)}`);
      break;
  }
  const leases = leaseText(run);
  if (run.state !== "succeeded" || leases !== "none") label("leases", leases);
  if (status.nodes !== null) label("cluster", servingText(status.nodes));
  else if (status.notSeen !== null) label("cluster", `not seen: ${status.notSeen}`);
  if (status.probe !== null) lines.push(fit(`  probe   ${probeText(status.probe, style.columns - 10)}`, style.columns));
  for (const alarm of run.alarms.slice(-3))
    lines.push(...labelled("!", clean(`${at(alarm.at, now)} ${alarm.what}`), style.columns, 2).map((line) => style.accent(line)));
  return [...lines, ...nextLines(run, style.columns)];
}

function sentence(run: RunView, style: Style, now: number): readonly string[] {
  const where = whereText(run);
  const head = clean(run.cluster);
  switch (run.state) {
    case "running":
    case "pausing":
    case "aborting": {
      const turn = run.turn === null ? "" : `  turn ${run.turn.number} of ${run.turn.of}`;
      const line = `${head}  ${clean(run.change)}  run ${run.run}  ${run.state}${turn}  ${clock(run.elapsedMs)}`;
      const end = run.expectedEnd === null ? [] : [`${lengthOf(line) > style.columns - 30 ? "  " : ""}expected end ${at(run.expectedEnd, now)}`];
      const [first = "", ...more] = beside([line, ...end], style.columns);
      return [style.strong(head) + first.slice(head.length), ...more];
    }
    case "stopped":
      return told(
        head,
        `run ${run.run} stopped: Stillwater${run.holder === null ? "" : ` on ${clean(run.holder.host)}`} was killed or crashed at ${at(run.lastSign, now)}${where}`,
        style,
        true,
      );
    case "paused": {
      const { paused } = run;
      const why =
        paused === null
          ? ""
          : paused.code === "operator"
            ? `, by ${clean(paused.why)}`
            : `: ${paused.code} ${meaning(paused.code)}: ${clean(paused.why)}`;
      return told(head, `run ${run.run} paused at ${at(paused?.at ?? run.lastSign, now)}${where}${why}`, style, true);
    }
    case "asks":
      return told(head, `run ${run.run} waits for you since ${at(run.asks?.at ?? run.lastSign, now)}${where}`, style, true);
    case "succeeded":
      return told(head, `run ${run.run} succeeded: ${clean(run.change)} in ${clock(run.elapsedMs)}`, style, false);
    case "aborted": {
      const what = leftText(run);
      return told(head, `run ${run.run} aborted after ${clock(run.elapsedMs)}; ${what.text}`, style, what.alarms);
    }
    case "force-stopped": {
      const { forced } = run;
      const left = forced?.left ?? leftSet(run);
      const what = left.length === 0 ? "nothing temporary is left set" : `still set: ${clean(left.join(", "))}`;
      return told(
        head,
        `run ${run.run} was stopped by force after ${clock(run.elapsedMs)}, marked ${forced?.mark ?? "failed"}; ${what}`,
        style,
        true,
      );
    }
  }
}
function told(head: string, text: string, style: Style, look: boolean): readonly string[] {
  const indent = lengthOf(head) + 2;
  return wrapTo(text, style.columns - indent).map((line, index) => {
    const painted = look ? style.accent(line) : line;
    return index === 0 ? `${style.strong(head)}  ${painted}` : " ".repeat(indent) + painted;
  });
}

/** What a code means, in the middle of a sentence. */
function meaning(code: string): string {
  const means = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].means : "";
  return (means.charAt(0).toLowerCase() + means.slice(1)).replace(/\.$/, "");
}

const whereText = (run: RunView): string => {
  if (run.turn === null) return run.step === null ? ", before its first step" : "";
  const step = run.step === null ? "" : `, step ${run.step.number} (${clean(run.step.title)})`;
  return ` in turn ${run.turn.number}${step}`;
};

function stepText(run: RunView, now: number): string {
  const { step } = run;
  if (step === null) return "";
  const elapsed = step.since === null ? "" : `, ${short(now - step.since)}${step.expectedMs === null ? "" : ` of ${about(step.expectedMs)}`}`;
  return `${step.number} of ${run.steps.of}: ${step.title}${elapsed}${step.state === null ? "" : `: ${step.state}`}`;
}

/** What the journal proves of the turn that is open, in the order of its steps. */
function knownLines(run: RunView, style: Style, now: number): readonly string[] {
  const facts = run.known.flatMap((known): readonly string[] => {
    switch (known.is) {
      case "done":
        return [`${known.title}: done${known.at === null ? "" : ` ${at(known.at, now)}`}`];
      case "begun":
        return [`${known.title}: begun${known.at === null ? "" : ` ${at(known.at, now)}`}, not confirmed`];
      case "not begun":
        return [];
    }
  });
  const open = run.known.filter((known) => known.is === "not begun");
  const rest =
    open.length === 0
      ? []
      : open.length <= 2
        ? open.map((known) => `${known.title}: not begun`)
        : [`${open.length} more steps of this turn: not begun`];
  const all = [...facts, ...rest];
  if (facts.length === 0) return labelled("known", "nothing of this turn was begun", style.columns);
  return all.flatMap((fact, index) => labelled(index === 0 ? "known" : "", clean(fact), style.columns));
}

/** What a run that has ended left set in the cluster. */
export const leftSet = (run: RunView): readonly string[] => run.leases.flatMap(({ state, title }) => (state === "left" ? [title] : []));

/** That everything was put back is claimed where the journal shows it, and not only somebody's word. */
function leftText(run: RunView): { readonly text: string; readonly alarms: boolean } {
  const left = leftSet(run);
  const said = run.leases.flatMap(({ state, title }) => (state === "said to be put back" ? [title] : []));
  const parts = [
    ...(left.length === 0 ? [] : [`still set: ${clean(left.join(", "))}`]),
    ...(said.length === 0 ? [] : [`put back by a person's word only: ${clean(said.join(", "))}`]),
  ];
  return { text: parts.length === 0 ? "everything temporary was put back" : parts.join("; "), alarms: parts.length > 0 };
}

const leaseWords = {
  held: "held",
  left: "LEFT BEHIND",
  released: "put back by the watchdog",
  "said to be put back": "put back by a person's word only",
  "put back": "put back",
} as const;
export function leaseText(run: RunView): string {
  const open = run.leases.filter((lease) => lease.state !== "put back");
  if (open.length === 0) return run.state === "stopped" ? "none left behind" : "none";
  return [...Map.groupBy(open, ({ state }) => state)]
    .map(([state, leases]) => `${leaseWords[state]}: ${leases.map(({ title }) => title).join("; ")}`)
    .join("; ");
}

function servingText(nodes: readonly NodeView[]): string {
  const names = (of: readonly NodeView[]): string =>
    of.length > 8 ? `${of.length} nodes` : of.map((node) => `${node.name} (${node.role})`).join(", ");
  const serving = nodes.filter((node) => node.state === "serving");
  const others = nodes.filter((node) => node.state !== "serving");
  const down = others.length > 8 ? `${others.length} nodes not serving` : others.map((node) => `${node.name} ${node.state}`).join(", ");
  return [serving.length === 0 ? "nothing serves" : `serving: ${names(serving)}`, ...(down === "" ? [] : [down])].join("; ");
}

export const quoted = (word: string): string => (/^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function nextLines(run: RunView, columns: number): readonly string[] {
  const cluster = quoted(clean(run.cluster));
  switch (run.state) {
    case "running":
    case "pausing":
    case "aborting":
      return ["Watch with: stillwater watch"];
    case "stopped":
      return [`Continue with: stillwater resume ${cluster}`];
    case "paused": {
      const lines = beside([`Continue with: stillwater resume ${cluster}`, `End it with: stillwater abort ${cluster} --reason "..."`], columns);
      const { paused } = run;
      if (paused === null || paused.step === null || paused.code === "operator") return lines;
      return [...answers(paused.step, ["retry", "mark-done", "skip"]), ...lines];
    }
    case "asks": {
      const { asks } = run;
      if (asks === null) return [];
      if (asks.code === "SW2007" && run.step?.phase === "verify")
        return beside(
          [`Verified: stillwater finish ${cluster} --reason "..."`, `Not good: stillwater force-stop ${cluster} --mark failed --reason "..."`],
          columns,
        );
      return [
        ...answers(asks.step, asks.code === "SW2007" ? ["approve", "skip"] : ["mark-done", "retry", "skip"]),
        ...beside([`Then: stillwater resume ${cluster}`, `or: stillwater abort ${cluster} --reason "..."`], columns),
      ];
    }
    case "succeeded":
      return [`Report: stillwater report ${run.run}`];
    case "aborted":
    case "force-stopped":
      return beside([`Report: stillwater report ${run.run}`, "Plan again with: stillwater plan"], columns);
  }
}
const means: Readonly<Record<string, string>> = {
  approve: "go on with it",
  "mark-done": "it has happened",
  retry: "do it if not done",
  skip: "leave it out",
};
function answers(step: string, verbs: readonly string[]): readonly string[] {
  const calls = verbs.map((verb) => `stillwater ${verb} ${quoted(clean(step))} --reason "..."`);
  const width = Math.max(...calls.map(lengthOf));
  return calls.map((call, index) => `${index === 0 ? "Answer with: " : "         or: "}${pad(call, width)}   ${means[verbs[index] ?? ""] ?? ""}`);
}
