import type { RunRecord } from "../../usecases/run-types.ts";
import { askToPause } from "../../usecases/signals.ts";
import type { Workspace } from "../../usecases/workspace.ts";
import { asStillwaterError } from "../render/error.ts";
import { clean } from "../render/text.ts";

/** Asks what a key stands for. Null: it is asked for; else why it is not, to be shown. Never rejects: a full journal must end neither the screen nor the worker behind it. */
export async function askAtTerminal(workspace: Workspace, record: RunRecord, desired: "pause" | "abort"): Promise<string | null> {
  const asked = { by: workspace.who, reason: "asked at the terminal" };
  try {
    const store = await workspace.store();
    if (desired === "pause") return (await askToPause(store, record, asked)) ? null : "an abort was asked for, and comes first";
    await store.signal(record.id, { desired, ...asked });
    return null;
  } catch (thrown) {
    const { code, message } = asStillwaterError(thrown);
    return `the ${desired} could not be asked for, and the run goes on: ${clean(message)} (${code})`;
  }
}
