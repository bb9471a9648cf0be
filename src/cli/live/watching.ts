import { exitCodes } from "../../model/errors.ts";
import type { JournalEntry } from "../../model/event.ts";
import type { Progress } from "../../usecases/run-types.ts";
import { awaitReport } from "../../usecases/conclude.ts";
import { statusOf } from "../../usecases/status.ts";
import { watchRun, type WatchRequest, type WatchSnapshot } from "../../usecases/watch.ts";
import type { Context } from "../context.ts";
import { runDocument } from "../render/json.ts";
import { leftSet, statusLines } from "../render/status.ts";
import { askAtTerminal } from "./ask.ts";
import { exitOfAborted, exitOfReport } from "./end.ts";
import { show } from "./follow.ts";

/**
 * Looks on until the run has ended, stands still, or the reader has had enough; the run does not notice. Returns the exit code: `judged`, that of the
 * report.
 */
export async function watching(context: Context, request: WatchRequest & { readonly judged?: true }): Promise<number> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.io.closed]);
  const stopListening = context.io.onInterrupt(() => stop.abort());
  const ask = (desired: "pause" | "abort", notice: string): void => {
    if (last === null) return;
    shown.notice(notice);
    void askAtTerminal(context.workspace, last.record, desired).then((refused) => {
      if (refused !== null) shown.notice(refused);
    });
  };
  let last: WatchSnapshot | null = null;
  const seen: JournalEntry[] = [];
  const shown = show(context, {
    text: "[p] pause  [a] abort  [d] details  [q] quit",
    pressed: (key) => {
      if (key === "p") ask("pause", "asked to pause: what is under way finishes, nothing new begins");
      if (key === "a") ask("abort", "asked to abort");
      if (key === "q") stop.abort();
    },
  });
  try {
    for await (const snapshot of watchRun(context.workspace, { ...request, signal })) {
      last = snapshot;
      if (context.json) seen.push(...snapshot.entries);
      shown.see({ record: snapshot.record, view: () => snapshot.view, probe: snapshot.probe, entries: snapshot.entries });
      const waits = waiting(snapshot);
      if (waits !== null) shown.progress(waits);
    }
  } finally {
    stopListening();
    shown.end();
  }
  if (last === null) return exitCodes.ok.code;
  const { view, probe } = last;
  context.document({ run: runDocument(view), probe, events: seen });
  if (signal.aborted) return exitCodes.ok.code;
  // The last screen says it all of a run that has ended; one that stands still needs somebody, and it is said for what.
  const ended = view.state === "succeeded" || view.state === "aborted";
  if (ended) context.print([`Report: stillwater report ${view.run}`]);
  else context.print(["", ...statusLines(await statusOf(context.workspace, { run: view.run }), context.style, context.io.now())]);
  switch (view.state) {
    case "aborted": {
      const report = await awaitReport(context.workspace, last.record);
      // One that nobody has written is read from the journal, which knows what was left set.
      return report === null && leftSet(view).length > 0 ? exitCodes.failed.code : exitOfAborted(report);
    }
    case "force-stopped":
      return exitCodes.aborted.code;
    case "paused":
    case "asks":
    case "stopped":
      return exitCodes.needsOperator.code;
    case "succeeded":
      if (request.judged) {
        const report = await awaitReport(context.workspace, last.record);
        return report === null ? exitCodes.notMeasured.code : exitOfReport(report);
      }
      return exitCodes.ok.code;
    case "running":
    case "pausing":
    case "aborting":
      return exitCodes.ok.code;
  }
}

const waiting = ({ view }: WatchSnapshot): Progress | null =>
  view.step?.state == null ? null : { at: view.lastSign, turn: null, step: view.step.id, state: view.step.state };
