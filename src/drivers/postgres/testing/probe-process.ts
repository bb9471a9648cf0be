// The probe as a process of its own, for tests that kill or stop it. Argument: a file with the client's and the probe's options.
import { readFileSync } from "node:fs";
import { runProbe, type RunProbeOptions } from "../../../continuity/process.ts";
import { PostgresContinuity, type PostgresContinuityOptions } from "../continuity.ts";

export interface ProbeProcessSettings {
  readonly client: PostgresContinuityOptions;
  readonly options: RunProbeOptions["options"];
  readonly directory: string;
}

const settings = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ProbeProcessSettings;
const client = new PostgresContinuity(settings.client);
await runProbe({ client, options: settings.options, directory: settings.directory });
await client.close();
