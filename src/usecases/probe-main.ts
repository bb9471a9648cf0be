// A probe that runs on its own: `node probe-main.ts DIRECTORY`. Started by `probe start`, lives until `probe stop` or SIGTERM.
import { join } from "node:path";
import { runProbe } from "../continuity/process.ts";
import { runWatching } from "../continuity/watching/process.ts";
import { StillwaterError } from "../model/errors.ts";
import { alertOperator } from "./alert.ts";
import { probePlaceFiles, type ProbeFailure, type ProbeSettings } from "./probe-places.ts";
import { readWhole, writeWhole } from "./sidecar.ts";
import { openWorkspace } from "./workspace.ts";

// Its log may lie on a full disk: what cannot be written there must not end the probe, which is what an unhandled error of a stream does.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError("probe-main.ts DIRECTORY");
const settings = await readWhole<ProbeSettings>(join(directory, probePlaceFiles.settings));
if (settings === null) throw new StillwaterError("SW9999", "The probe was started without its settings.", { object: directory });
const workspace = openWorkspace(settings);
try {
  const [{ continuity }, driver] = [await workspace.definition(), await workspace.driver()];
  const client = await driver.continuity?.({ definition: continuity, name: settings.name });
  const watches = client === undefined ? await driver.watches?.(settings.name) : undefined;
  if (client !== undefined) {
    await runProbe({ client, options: { name: settings.name, rate: settings.rate }, directory });
    await client.close();
  } else if (watches !== undefined) {
    await runWatching({
      watches,
      directory,
      say: (text) => void process.stderr.write(`${new Date().toISOString()} ${text}\n`),
      deliver: ({ key, at, object, what, watch, policy, why }) =>
        alertOperator(workspace, { probe: settings.probe, is: "watched", watch, key, at, object, what, policy, why }),
    });
    await watches.close();
  } else throw new StillwaterError("SW5001", "The driver has no client that a probe could use.");
} catch (error) {
  const why = error instanceof StillwaterError ? [error.message, ...error.why] : [error instanceof Error ? error.message : String(error)];
  await writeWhole(join(directory, probePlaceFiles.failure), { why } satisfies ProbeFailure);
  throw error;
} finally {
  await workspace.close();
}
