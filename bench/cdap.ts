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
/**
 * Of the platform's waits: as long as its own, so a stubborn program is killed after 360 to 660 s. With shorter ones the bar would measure what it allows:
 * a thousand stops at 60 a second take 17 s.
 */
const SCALE = 1;

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

interface Answered {
  readonly runs: readonly { readonly runId: string; readonly program: string; readonly endState: string }[];
}

/** A plan first, then what it says: only that is measured. */
async function planned(lab: LabView, verb: readonly string[], accepted: readonly string[] = [], exits: readonly number[] = []): Promise<Ended> {
  const { stdout } = await stillwater(lab.clusterFile, [...verb, ...accepted, "--json"]);
  const { hash } = JSON.parse(stdout) as { readonly hash: string };
  return stillwater(lab.clusterFile, [...verb, "--yes", hash, "--json"], [0, 3, ...exits]);
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
  // 1: what a trigger has begun meanwhile runs, and the proof of a stop does not hold.
  const { wallMs, usage, stdout } = await planned(lab, ["programs", "stop", "--all"], ["--override", "data-loss", "--reason", "a lab"], [1]);
  const endedAt = Date.now();
  const stopped = (await lab.runs()).filter(({ stopping, end }) => stopping !== null && end !== null);
  const slowestMs = Math.max(...stopped.map(({ stopping, end }) => (end ?? 0) - (stopping ?? 0)));
  const firstStop = Math.min(...stopped.map(({ stopping }) => stopping ?? endedAt));
  const { busiest, total } = await lab.requests(firstStop, endedAt);
  const answered = new Map(
    ((JSON.parse(stdout) as { readonly programs?: readonly Answered[] }).programs ?? []).flatMap(({ runs }) => runs).map((run) => [run.runId, run]),
  );
  say(`drain: ${String(stopped.length)} runs, ${String(answered.size)} answered`);
  const left = (await lab.runs()).filter(({ end, program, starting }) => end === null && program.namespace !== "system" && starting <= endedAt);
  const stuck = left.filter(({ id }) => answered.get(id)?.endState === "STUCK");
  // A workflow that is named stands for the children that it has begun since.
  const named = left.filter((run) => (answered.has(run.id) || answered.has(run.parent ?? "")) && !stuck.includes(run));
  // A stop suspends no schedules: in this lab the second pipeline is triggered by the end of the first.
  for (const run of left)
    if (!named.includes(run)) say(`not ended: ${answered.get(run.id)?.program ?? "NOT NAMED"} run ${run.id} ${answered.get(run.id)?.endState ?? ""}`);
  const kind = `drain of ${String(PROGRAMS)} programs, ${String(STUBBORN)} of them stubborn`;
  return [
    against(`${kind}: from the first stop to the end of the command (bar 1.1)`, (endedAt - firstStop) / 1_000, "s", {
      name: "the slowest program's own stop",
      value: slowestMs / 1_000,
    }),
    absolute(`${kind}: whole command`, wallMs / 1_000, "s"),
    absolute(`${kind}: of it Stillwater's own processor time`, (usage?.cpuMs ?? Number.NaN) / 1_000, "s"),
    absolute(`${kind}: requests in the busiest second, from the first stop on (bar ${String(PROGRAMS / 25 + 20)})`, busiest, "1/s"),
    absolute(`${kind}: requests in all, from the first stop on`, total, "requests"),
    absolute(`${kind}: memory at most (bar 120)`, usage?.maxRssMb ?? Number.NaN, "MB"),
    absolute(`${kind}: runs that have not ended and that the answer does not name (bar 0)`, left.length - named.length - stuck.length, "runs"),
    absolute(`${kind}: runs that the answer calls STUCK (bar 0)`, stuck.length, "runs"),
    absolute(`${kind}: runs that a trigger has begun meanwhile, named in the answer`, named.length, "runs"),
  ];
}
