// The official client, with its connections closed when a test ends.
import { DDB, type DdbOptions } from "dolphindb";
import { onTestFinished } from "vitest";

/** Connects when it is first used. Logs in as admin unless told otherwise. */
export function client(endpoint: string, options: DdbOptions = {}): DDB {
  const made = new DDB(`ws://${endpoint}`, options);
  onTestFinished(() => {
    made.disconnect();
  });
  return made;
}
