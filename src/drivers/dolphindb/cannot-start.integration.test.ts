// What keeps a node from starting while its host is upgraded (facts 5.3): it is told with the server's own words after a few starts, no other host goes down
// meanwhile, and after somebody has mended it the run goes on to its end.
import { expect, it } from "vitest";
import { CLUSTER_DIRECTORY, SERVER } from "../../../lab/dolphindb/memory/layout.ts";
import { MemoryRun } from "./testing/memory-run.ts";

interface Mishap {
  /** A title has room for forty letters of it. */
  readonly what: string;
  /** When that step is done it happens; the other one finds it. */
  readonly after: string;
  readonly found: string;
  readonly words: string;
  /** Returns what somebody does about it. */
  readonly happens: (run: MemoryRun) => () => void;
}
const change = (run: MemoryRun, path: string, to: (text: string) => string): (() => void) => {
  const { disk } = run.lab.machine("h3");
  const right = disk.read(path) ?? "";
  disk.write(path, to(right));
  return () => disk.write(path, right);
};
const data = `${CLUSTER_DIRECTORY}/data`;
const mishaps: readonly Mishap[] = [
  {
    // It answers before it has read its log. Its files are set aside, and the leader has everything.
    what: "a damaged Raft log",
    after: "stop controller h3",
    found: "controller ready h3/2.start controllers again",
    words: "S01011",
    happens: (run) => {
      change(run, `${data}/ctl3/raft/raftWAL1`, (log) => log.slice(0, -5));
      return () => run.lab.machine("h3").disk.rename(`${data}/ctl3/raft`, `${data}/ctl3/raft.aside`);
    },
  },
  {
    what: "a port that is still bound",
    after: "stop controller h3",
    found: "start controller h3",
    words: "error code 98",
    happens: (run) => {
      const taken = run.lab.network.listen(run.lab.node("ctl3").endpoint, () => new Promise(() => {}));
      return () => void taken.then((listener) => listener.close());
    },
  },
  {
    what: "a licence that has expired meanwhile",
    after: "stop controller h3",
    found: "start controller h3",
    words: "The license has expired",
    happens: (run) => change(run, `${SERVER}/dolphindb.lic`, () => "expiration=2020.01.01\n"),
  },
  {
    what: "a scheduled job that cannot be read",
    after: "stop data nodes h3",
    found: "start data nodes h3",
    words: "Can't recognize function: rabbitmq::connection",
    // It names a function of a plugin that nobody brought.
    happens: (run) =>
      change(run, `${data}/node3/sysmgmt/jobEditlog.meta`, (jobs) => `${jobs}${JSON.stringify({ id: "feed", body: "rabbitmq::connection" })}\n`),
  },
];

it.each(mishaps)("$what", async ({ after, found, words, happens }) => {
  const run = await MemoryRun.begin();
  await run.fill();
  await run.plan({ ...run.upgrade, mode: "zero-downtime" });
  const mends: (() => void)[] = [];
  run.journaled = (event) => {
    if (event.is === "done" && event.step === after) mends.push(happens(run));
  };
  const outcome = await run.process();
  expect(outcome).toMatchObject({ is: "paused", code: "SW2106", step: found });
  expect(JSON.stringify(outcome)).toContain(words);
  const { now } = await run.inspect();
  const away = Object.entries(now.nodes).flatMap(([name, { state }]) => (state === "serving" ? [] : [name]));
  expect(away.every((name) => run.lab.node(name).host === "h3")).toBe(true);
  expect(now.leader).not.toBeNull();
  // However long it takes: its chunks are not copied to others meanwhile, and clients write.
  expect(now.recovery).toMatchObject({ inProgress: 0 });
  await run.lab.world.run(run.write("node1", [0, 1, 2, 3]));
  for (const mend of mends) mend();
  expect(await run.process()).toEqual({ is: "succeeded" });
  const end = await run.inspect();
  expect(new Set(Object.values(end.now.nodes).map(({ state, running }) => `${state} ${String(running)}`))).toEqual(new Set(["serving 2.00.8.12"]));
});
