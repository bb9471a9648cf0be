// A thousand programs drained and two thousand applications backed up, through the command line, against a lab's CDAP as a process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { down, upAsTyped } from "../lab/index.ts";
import { readLab, type LabView } from "./cdap-lab.ts";
import { absolute, against } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { stillwater, type Ended } from "./stillwater.ts";

const APPS = 2_000;
const PROGRAMS = 1_000;
const STUBBORN = 50;
/** Of the platform's waits: a stubborn program is killed after 66 to 96 s instead of 360 to 660. */
const SCALE = 0.1;

export async function benchCdap(say: (text: string) => void): Promise<readonly Metric[]> {
  const parent = mkdtempSync(join(tmpdir(), "bench-cdap-"));
  const directory = join(parent, "lab");
  try {
    await upAsTyped("cdap", { apps: APPS, programs: PROGRAMS, stubborn: STUBBORN, scale: SCALE }, { directory, log: say });
    const lab = readLab(directory);
    try {
      return [...(await backup(lab, say)), ...(await drain(lab, say))];
    } finally {
      await down(directory);
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** A plan first, then what it says: only that is measured. */
async function planned(lab: LabView, verb: readonly string[], accepted: readonly string[] = []): Promise<Ended> {
  const { stdout } = await stillwater(lab.clusterFile, [...verb, ...accepted, "--json"]);
  const { hash } = JSON.parse(stdout) as { readonly hash: string };
  return stillwater(lab.clusterFile, [...verb, "--yes", hash, "--json"], [0, 3]);
}

async function backup(lab: LabView, say: (text: string) => void): Promise<readonly Metric[]> {
  const { wallMs, usage } = await planned(lab, ["backup"]);
  say(`backup: ${String(Math.round(wallMs / 100) / 10)} s`);
  return [
    absolute(`${String(APPS)} applications backed up, whole command, lab (bar 60)`, wallMs / 1_000, "s"),
    absolute("of it Stillwater's own processor time", (usage?.cpuMs ?? Number.NaN) / 1_000, "s"),
    absolute("of it memory at most", usage?.maxRssMb ?? Number.NaN, "MB"),
  ];
}

async function drain(lab: LabView, say: (text: string) => void): Promise<readonly Metric[]> {
  const { wallMs, usage, stdout } = await planned(lab, ["programs", "stop", "--all"], ["--override", "data-loss", "--reason", "a lab"]);
  const endedAt = Date.now();
  const stopped = (await lab.runs()).filter(({ stopping, end }) => stopping !== null && end !== null);
  const slowestMs = Math.max(...stopped.map(({ stopping, end }) => (end ?? 0) - (stopping ?? 0)));
  const firstStop = Math.min(...stopped.map(({ stopping }) => stopping ?? endedAt));
  const { busiest, total } = await lab.requests();
  const answers = (JSON.parse(stdout) as { readonly programs?: readonly { readonly runs: readonly unknown[] }[] }).programs ?? [];
  say(`drain: ${String(stopped.length)} runs, ${String(answers.reduce((sum, { runs }) => sum + runs.length, 0))} answered`);
  const kind = `drain of ${String(PROGRAMS)} programs, ${String(STUBBORN)} of them stubborn`;
  return [
    against(`${kind}: from the first stop to the end of the command (bar 1.1)`, (endedAt - firstStop) / 1_000, "s", {
      name: "the slowest program's own stop",
      value: slowestMs / 1_000,
    }),
    absolute(`${kind}: whole command`, wallMs / 1_000, "s"),
    absolute(`${kind}: of it Stillwater's own processor time`, (usage?.cpuMs ?? Number.NaN) / 1_000, "s"),
    absolute(`${kind}: requests in the busiest second (bar ${String(PROGRAMS / 25 + 20)})`, busiest, "1/s"),
    absolute(`${kind}: requests in all, since the lab is up`, total, "requests"),
    absolute(`${kind}: memory at most (bar 120)`, usage?.maxRssMb ?? Number.NaN, "MB"),
    absolute(
      `${kind}: runs that have not ended`,
      (await lab.runs()).filter(({ end, program }) => end === null && program.namespace !== "system").length,
      "runs",
    ),
  ];
}
