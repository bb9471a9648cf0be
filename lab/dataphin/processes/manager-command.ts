// `bin/dataphin-manager` of a lab: what a cluster file names as the command by which an upgrade is done, in place of a person at the Manager's pages.
import { setTimeout as after } from "node:timers/promises";
import { isOpen, modes } from "../logic/manager/record.ts";
import { LabClient } from "./ask.ts";
import { readLabFile } from "./lab-file.ts";

const POLL_MS = 100;
const usage = `usage: dataphin-manager STEP MODE VERSION
       dataphin-manager records | upload FILE | finish | terminate [rerun] | force-stop succeeded|failed REASON | leave-maintenance`;

/** Returns the exit code; 0 means that it is complete. */
export async function managerCommand(directory: string, words: readonly string[]): Promise<number> {
  const client = new LabClient(readLabFile(directory));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const [what = "", ...more] = words;
    if (what === "records") {
      const records = await client.records();
      if (records === null) throw new Error("Dataphin Manager does not answer");
      say(JSON.stringify(records.filter(isOpen).map(({ status, target }) => ({ status, target: `V${target}` }))));
      return 0;
    }
    if (modes.some((mode) => mode === more[0])) return await step(client, what, more[0] ?? "", more[1] ?? "", say);
    switch (what) {
      case "finish":
      case "leave-maintenance":
        await client.control(what, {});
        break;
      case "terminate":
        await client.control(what, { rerun: more[0] === "rerun" });
        break;
      case "force-stop":
        await client.control(what, { mark: more[0], reason: more.slice(1).join(" ") });
        break;
      case "upload": {
        const { readFileSync } = await import("node:fs");
        await client.control(what, { text: readFileSync(more[0] ?? "", "utf8") });
        break;
      }
      default:
        process.stderr.write(`${usage}\n`);
        return 2;
    }
    say(`${what}: done`);
    return 0;
  } catch (error) {
    process.stderr.write(`Stillwater lab: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    client.close();
  }
}

/** A Manager that is away meanwhile is waited for: it goes on by itself when it is back. */
async function step(client: LabClient, name: string, mode: string, version: string, say: (line: string) => void): Promise<number> {
  await client.until("Dataphin Manager answers", async () => (await client.records()) !== null);
  await client.control("step", { step: name, mode, version });
  for (let said = ""; ; await after(POLL_MS)) {
    const record = (await client.records())?.at(-1);
    if (record === undefined) continue;
    const of = record.steps.find((each) => each.step === name);
    const running = record.steps.find(({ state }) => state === "running")?.step ?? null;
    if (running !== null && running !== said) say(`${running} ...`);
    said = running ?? said;
    const failed = record.steps.find(({ state }) => state === "failed");
    if (failed !== undefined) throw new Error(`${failed.step}: ${failed.log.at(-1) ?? "failed"}`);
    if (of === undefined || of.state === "done") {
      say(`${name}: done, the record is ${record.status}`);
      return 0;
    }
  }
}
