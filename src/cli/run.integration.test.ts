// Whole runs through the real command line, on a cluster in a file.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systems } from "../usecases/registry.ts";
import { Place } from "./testing/call.fixture.ts";
import { readQuarry } from "./testing/quarry.fixture.ts";

let place: Place;
beforeEach(async () => {
  place = new Place();
  const made = await place.run("init", "quarry", place.quarry);
  expect(made, made.err).toMatchObject({ code: 0 });
});
afterEach(() => place.close());

const versions = (): readonly string[] => readQuarry(place.quarry).nodes.map((node) => node.version);
const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse((await place.run(...args, "--json")).out) as T;

test("a run in a pipe: a line for each event, the end, and everything that can be asked afterwards", async () => {
  const name = await place.plan();
  const answer = await place.run("apply", name, "--yes", name, "--no-probe");
  expect(answer, answer.err).toMatchObject({ code: 6, err: "" });
  const lines = answer.out.split("\n");
  const events = lines.slice(0, lines.indexOf(""));
  for (const line of events) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info |warn |error) (-|\d+\/4) +(-|\S+) +(-|[a-z]+) +\S/);
  expect(events.at(-1)).toContain("the run has succeeded");
  expect(answer.out).toContain("Report: .stillwater/runs/1/report.html");
  expect(answer.out).not.toContain("\u001B");
  expect(versions()).toEqual(["17.10", "17.10", "17.10"]);

  expect((await place.run("status")).out).toContain("run 1 succeeded: 17.0 -> 17.10 in 00:00:0");
  expect(await json("status")).toMatchObject({ cluster: "orders", open: false, run: { run: 1, state: "succeeded", steps: { done: 13, of: 13 } } });
  expect(await json("history")).toMatchObject({
    runs: [{ run: 1, outcome: "succeeded", verdict: "not-measured", plan: name }],
    plans: [{ plan: name, runs: [1] }],
  });
  expect(await json("verify")).toMatchObject({ run: 1, verdict: "passed" });
  expect(await json("report")).toMatchObject({ version: 1, run: 1, verdict: "not-measured" });
  const html = await place.run("report", "1", "--output", "r/report.html");
  expect(html).toMatchObject({ code: 6, err: "" });
  expect(readFileSync(`${place.directory}/r/report.html`, "utf8")).toContain("<html");
  expect((await place.run("report", "--format", "md")).out).toMatch(/^# /);
  const watched = await json<{ readonly events: readonly unknown[] }>("watch");
  expect(watched).toMatchObject({ run: { state: "succeeded" } });
  expect(watched.events.length).toBeGreaterThan(30);

  const back = await json<{ readonly name: string }>("rollback");
  const returned = await place.run("rollback", "--yes", back.name, "--no-probe", "--json");
  expect(returned).toMatchObject({ code: 6, err: "" });
  expect(JSON.parse(returned.out)).toMatchObject({ run: 2, outcome: { is: "succeeded" }, report: { run: 2 } });
  expect(versions()).toEqual(["17.0", "17.0", "17.0"]);
});

test("killed in the middle: status says when, where, what is known and how to go on; resume goes on", async () => {
  place.change((quarry) => (quarry.startMs = 3000));
  const name = await place.plan();
  const call = place.start(["apply", name, "--yes", name, "--no-probe"]);
  await call.said("start n2: begun");
  call.child.kill("SIGKILL");
  expect(await call.done).toMatchObject({ code: null, signal: "SIGKILL" });

  const status = await place.run("status");
  expect(status).toMatchObject({ code: 4, err: "" });
  const text = status.out.replace(/\s+/g, " ");
  expect(text).toMatch(/^orders run 1 stopped: Stillwater on \S+ was killed or crashed at \d\d:\d\d:\d\d in turn 1, step 4 \(start n2\) known /);
  expect(text).toMatch(/put 17\.10 in place on n2: done \d\d:\d\d:\d\d start n2: begun \d\d:\d\d:\d\d, not confirmed/);
  expect(text).toContain("cluster serving: n1 (leader), n3 (follower)");
  expect(text).toContain("Continue with: stillwater resume orders");

  const second = await place.run("apply", name, "--yes", name, "--no-probe");
  expect(second.code).toBe(3);
  expect(second.err).toContain("SW2004");
  const resumed = await place.run("resume");
  expect(resumed, resumed.err).toMatchObject({ code: 6, err: "" });
  expect(versions()).toEqual(["17.10", "17.10", "17.10"]);
});

test("while one works: a second one is refused by name, another process may pause it, and abort puts back", async () => {
  place.change((quarry) => (quarry.startMs = 15_000));
  const name = await place.plan();
  const call = place.start(["apply", name, "--yes", name, "--no-probe"]);
  await call.said("start n2: begun");
  const busy = await place.run("apply", name, "--yes", name, "--no-probe");
  expect(busy.code).toBe(5);
  expect(busy.err).toMatch(/error SW2001 orders is held by \S+ on \S+/);
  const attached = place.run("apply", name, "--yes", name, "--no-probe", "--attach");
  expect((await place.run("status")).out).toMatch(/^orders {2}17\.0 -> 17\.10 {2}run 1 {2}running {2}turn 1 of 4/);
  const paused = await place.run("pause", "--reason", "lunch");
  expect(paused, paused.err).toMatchObject({ code: 0 });
  expect(paused.out).toContain("Run 1 of orders will stand still");
  const ended = await call.done;
  expect(ended.code).toBe(4);
  expect(ended.out).toContain("lunch");
  // Whoever asked to look on saw the same end.
  expect(await attached).toMatchObject({ code: 4, out: expect.stringContaining("is being applied already (run 1): looking on") as string });
  const again = await place.run("pause");
  expect(again.code).toBe(3);
  expect(again.err).toContain("SW2008");
  place.change((quarry) => (quarry.startMs = 50));
  const aborted = await place.run("abort", "--reason", "called off", "--json");
  expect(aborted, aborted.err).toMatchObject({ code: 7 });
  expect(JSON.parse(aborted.out)).toMatchObject({ outcome: { is: "aborted" }, report: { outcome: "aborted" } });
  expect(readQuarry(place.quarry)).toMatchObject({ frozen: false });
});

test("whoever looks on at the first start ends with the verdict of its report, not with a mere end", async () => {
  place.change((quarry) => (quarry.startMs = 1_500));
  const name = await place.plan();
  const call = place.start(["apply", name, "--yes", name, "--no-probe"]);
  await call.said("start n2: begun");
  const attached = await place.run("apply", name, "--yes", name, "--no-probe", "--attach");
  expect(attached).toMatchObject({ code: 6, out: expect.stringContaining("Report: stillwater report 1") as string });
  expect((await call.done).code).toBe(6);
});

test("Ctrl-C: once pauses and says so, twice leaves at once", async () => {
  place.change((quarry) => (quarry.startMs = 4000));
  const name = await place.plan();
  const once = place.start(["apply", name, "--yes", name, "--no-probe"]);
  await once.said("start n2: begun");
  once.child.kill("SIGINT");
  const paused = await once.done;
  expect(paused).toMatchObject({ code: 4 });
  expect(paused.err).toContain("pausing: what is under way finishes, nothing new begins; Ctrl-C again leaves");
  expect(paused.out).toContain("Continue with: stillwater resume orders");

  const twice = place.start(["resume"]);
  await twice.said("resume by");
  twice.child.kill("SIGINT");
  await twice.said("pausing");
  twice.child.kill("SIGINT");
  const left = await twice.done;
  expect(left.code).toBe(4);
});

test("with another journal on the same hosts: refused by name, and taken over when the holder is gone", async () => {
  place.change((quarry) => (quarry.startMs = 60_000));
  const name = await place.plan();
  const call = place.start(["apply", name, "--yes", name, "--no-probe"]);
  await call.said("start n2: begun");
  const plan = `.stillwater/plans/${name}.json`;
  const other = await place.run("apply", plan, "--yes", name, "--no-probe", "--state", "other");
  expect(other).toMatchObject({ code: 5, out: "" });
  expect(other.err).toContain("error SW2002 ");
  expect(other.err).toMatch(/ apply/);
  expect(other.err).toContain("claim --take-over");
  call.child.kill("SIGKILL");
  await call.done;

  const taken = await place.run("claim", "--take-over", "--reason", "jump1 is gone", "--state", "other", "--json");
  expect(taken, taken.err).toMatchObject({ code: 0 });
  expect(JSON.parse(taken.out)).toMatchObject({ cluster: "orders", reason: "jump1 is gone" });
  expect(readFileSync(`${place.directory}/other/take-overs.jsonl`, "utf8")).toContain("jump1 is gone");
  place.change((quarry) => {
    quarry.startMs = 50;
    for (const node of quarry.nodes) node.readyAt = 0;
  });
  // The first journal may still go on, above the epoch of the second.
  expect(await place.run("resume")).toMatchObject({ code: 6 });
});

test("a step that waits for a person: asked, answered, gone on with", async () => {
  place.change((quarry) => (quarry.doubtful = "n2"));
  const name = await place.plan();
  expect(await place.run("apply", name, "--yes", name, "--no-probe")).toMatchObject({ code: 4 });
  expect((await place.run("status")).out).toContain('stillwater mark-done n2/start --reason "..."');
  expect((await place.run("retry", "n3/start", "--reason", "x")).err).toContain("SW1005");
  place.change((quarry) => (quarry.doubtful = null));
  expect((await place.run("mark-done", "n2/start", "--reason", "saw it")).out).toContain("Continue with: stillwater resume");
  expect(await place.run("resume")).toMatchObject({ code: 6 });
});

test("a reader that goes away is no fault, and does not stop the run", async () => {
  const name = await place.plan();
  const call = place.start(["apply", name, "--yes", name, "--no-probe"]);
  call.child.stdout.destroy();
  const answer = await call.done;
  expect(answer).toMatchObject({ code: 6, err: "" });
  expect(existsSync(`${place.directory}/.stillwater/runs/1/report.html`)).toBe(true);
  const list = place.start(["history"]);
  list.child.stdout.destroy();
  expect(await list.done).toMatchObject({ code: 0, err: "" });
});

test("help: examples and exit codes for every verb, quickly", async () => {
  const { out } = await place.run("--help");
  const verbs = [...out.matchAll(/^ {2}([a-z-]+) {2,}[a-z]/gm)]
    .map((match) => match[1] ?? "")
    .filter((word) => word !== "quarry" && !systems.some(({ system }) => system === word));
  expect(verbs.length).toBeGreaterThanOrEqual(20);
  for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  const helps = await Promise.all(["plan", "apply", "claim", "retry"].map((verb) => place.run(verb, "--help")));
  for (const help of helps) {
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(/Examples?:\n {2}\$ stillwater /);
    expect(help.out).toMatch(/Exit codes:\n {2}\d {2}/);
    expect(help.out).toContain("--cluster <file>");
  }
});

test("an old Node is told in one line what is needed", () => {
  const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"18.19.1"}})';
  const answer = spawnSync(process.execPath, [`--import=${old}`, fileURLToPath(new URL("../../bin/stillwater.mjs", import.meta.url)), "--help"], {
    encoding: "utf8",
  });
  expect(answer).toMatchObject({ status: 2, stdout: "" });
  expect(answer.stderr).toMatch(/^stillwater needs Node 24 or newer; this is Node 18\.19\.1 \(.+\)\n$/);
});
