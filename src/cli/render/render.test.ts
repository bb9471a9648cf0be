// Every screen at 80 and at 160 columns, as golden files that were looked at.
import { beforeAll, describe, expect, test } from "vitest";
import { StillwaterError } from "../../model/errors.ts";
import type { RunEvent } from "../../model/event.ts";
import type { Plan } from "../../model/plan.ts";
import type { ProbeStatus } from "../../usecases/probe-status.ts";
import type { RunView } from "../../usecases/run-view.ts";
import { golden, widths } from "../testing/golden.fixture.ts";
import { samplePlan } from "../testing/plan.fixture.ts";
import { sampleRun, sampleView, type SampleRun } from "../testing/run.fixture.ts";
import { errorLines } from "./error.ts";
import { EventLines } from "./events.ts";
import { checkLines, modeLines, nodeLines, settingLines } from "./nodes.ts";
import { planLines } from "./plan.ts";
import { stepLines } from "./plan-steps.ts";
import { statusLines } from "./status.ts";
import { plainStyle } from "./style.ts";
import { verificationLines } from "./verify.ts";
import { watchLines } from "./watch.ts";

process.env["TZ"] = "UTC";

let plan: Plan;
beforeAll(async () => {
  plan = await samplePlan();
});

const probe: ProbeStatus = {
  at: 0,
  state: "running",
  stale: false,
  rate: 200,
  acknowledged: 14_211,
  refused: 3,
  unknown: 0,
  longestGapMs: 380,
  p99Ms: 6,
  lastProblem: null,
};
const acting = (step: string): RunEvent => ({ is: "acting", step, at: 0, settled: 0, before: null });

describe.each(widths)("%i columns", (width) => {
  const style = plainStyle(width);

  test("plan", () => golden("plan", width, planLines(plan, style)));
  test("plan of settings, with an override, a question and no leases", async () => {
    const settings = await samplePlan({ version: null, artefact: null, settings: { depth: "deep", "carts.of.a.long.name": null } });
    const [first, ...rest] = settings.turns;
    const asked = { id: "ask", phase: "guard", do: "freeze", params: null, title: "switch the gate by hand", ask: "Is the gate closed?" } as const;
    const shown: Plan = {
      ...settings,
      turns: [...(first ? [{ ...first, items: [asked] }] : []), ...rest.map((turn) => ({ ...turn, items: [] }))],
      overrides: [{ code: "QU-1", by: "ana on jump1", reason: "the gate keeper said that this cart may wait until tomorrow, whatever happens" }],
      unfenced: [],
      rollsBack: "11",
      impact: [],
    };
    await golden("plan-settings", width, planLines(shown, style));
  });
  test("steps of a plan", () => golden("plan-steps", width, stepLines(plan, style)));

  test("a refusal with a price", () =>
    golden(
      "refusal",
      width,
      errorLines(
        new StillwaterError("SW2107", "n2 may not stop now", {
          object: "orders",
          why: [
            "follower n3 is not streaming since 02:14:07 (last received 0/5A12F90, leader 0/6B00128)",
            "with n2 down there would be 0 caught-up followers; policy needs 1",
          ],
          remedy: 'start n3 or its receiver; see the log of n3: "could not connect to the leader"',
          price: "if n1 fails in this window, writes since 02:14:07 (11,204 rows) are lost",
          override: "QU-1",
        }),
        style,
      ),
    ));
  test("a held cluster", () =>
    golden(
      "held",
      width,
      errorLines(new StillwaterError("SW2001", "orders is held by ana on jump1: apply, since 2026-11-20 02:30:00 UTC", { object: "orders" }), style),
    ));

  const screen = (run: SampleRun, view: RunView, more: { readonly details?: boolean; readonly notice?: string } = {}): readonly string[] =>
    watchLines(
      {
        view,
        probe,
        now: run.lastAt + 500,
        height: 24,
        details: more.details ?? false,
        notice: more.notice ?? null,
        keys: "[p] pause  [a] abort  [d] details",
      },
      style,
    );
  test("watch", async () => {
    const run = sampleRun(plan, 12, [acting("n1/start")]);
    const progress = { at: run.lastAt + 1, turn: null, step: "n1/start", state: "streaming from n2" };
    const view = sampleView(run, { holderIs: "alive", progress, later: 500 });
    await golden("watch", width, screen(run, view));
    await golden("watch-details", width, screen(run, view, { details: true, notice: "pausing: what is under way finishes, nothing new begins" }));
  });

  const status = (run: SampleRun, view: RunView): readonly string[] =>
    statusLines(
      {
        cluster: "orders",
        run: view,
        probe: view.state === "running" ? probe : null,
        nodes:
          view.state === "running" || view.state === "succeeded" || view.state === "aborted"
            ? null
            : (plan.nodes ?? []).map((node, index) => (index === 0 ? { ...node, state: "down", version: null } : node)),
        notSeen: null,
        open: true,
      },
      style,
      run.lastAt + 3000,
    );
  test("status: running, killed, paused, failing, asking, done, aborted", async () => {
    const started = sampleRun(plan, 12, [acting("n1/start")]);
    await golden("status-running", width, status(started, sampleView(started, { holderIs: "alive", later: 3000 })));
    await golden("status-killed", width, status(started, sampleView(started, { holderIs: "dead" })));
    const paused = sampleRun(plan, 2, [{ is: "paused", step: null, code: "operator", why: "bo on jump2: backup window" }]);
    await golden("status-paused", width, status(paused, sampleView(paused, { holderIs: null })));
    const late = sampleRun(plan, 3, [acting("n2/start"), { is: "paused", step: "n2/start", code: "SW2102", why: "streaming from n1" }]);
    await golden("status-late", width, status(late, sampleView(late, { holderIs: null })));
    const asks = sampleRun(plan, 3, [
      acting("n2/start"),
      { is: "asked", step: "n2/start", code: "SW2103", question: "known: n2 was told to start; unknown: whether it did" },
    ]);
    await golden("status-asks", width, status(asks, sampleView(asks, { holderIs: null })));
    const done = sampleRun(plan, 99, [{ is: "finished", as: "succeeded" }]);
    await golden("status-done", width, status(done, sampleView(done, { holderIs: null })));
    const aborted = sampleRun(plan, 1, [
      { is: "aborting", turn: "n2", finish: false, by: "ana", reason: "called off" },
      { is: "undone", step: "n2/freeze" },
      { is: "finished", as: "aborted" },
    ]);
    await golden("status-aborted", width, status(aborted, sampleView(aborted, { holderIs: null })));
  });

  test("nodes, settings, checks, modes", async () => {
    const nodes = (plan.nodes ?? []).map((node, index) => (index === 2 ? { ...node, state: "down" as const, version: null, detail: "" } : node));
    await golden("nodes", width, [
      ...nodeLines(nodes, style),
      ...settingLines(
        [
          { key: "depth", value: "deep", apply: "restart", secret: false },
          { key: "password", value: "hunter2", apply: "reload", secret: true },
        ],
        style,
      ),
      ...checkLines(
        [
          ...plan.checks,
          {
            code: "QU-7",
            object: "n3",
            verdict: "blocker",
            what: "does not answer since 02:14:07",
            remedy: "start n3",
            price: "if n1 fails in this window, writes since 02:14:07 are lost",
          },
          { code: "QU-8", object: "n1", verdict: "not-measured", what: "free space could not be read" },
        ],
        style,
        true,
      ),
      ...modeLines(plan.modes, style),
    ]);
  });

  test("verify", () =>
    golden(
      "verify",
      width,
      verificationLines(
        {
          run: 12,
          cluster: "orders",
          verdict: "failed",
          verifications: [
            { what: "serves with 17.10", object: "n1", verdict: "passed", evidence: "17.10, serving, lag 0 B" },
            { what: "serves with 17.10", object: "n2", verdict: "failed", evidence: "nothing answers, down" },
            { what: "setting depth", object: "cluster", verdict: "not-measured", evidence: "no node told its value" },
          ],
        },
        style,
      ),
    ));
});

test("events in a pipe", async () => {
  const run = sampleRun(plan, 3, [
    acting("n2/start"),
    { is: "refused", step: "n2/start", why: "not yet\u001B[31m" },
    { is: "expanded", step: "n2/start", into: [{ id: "n2/start/0.kick", phase: "start", do: "start", params: null, title: "kick n2" }] },
    { is: "done", step: "n2/start/0.kick", proof: null },
    { is: "asked", step: "n2/start", code: "SW2103", question: "whether it did" },
    { is: "answered", step: "n2/start", answer: "done", by: "ana on jump1", reason: "saw it" },
    acting("undo n2/freeze/thaw"),
    { is: "done", step: "undo n2/freeze/thaw", proof: null },
    { is: "undone", step: "n2/freeze" },
    { is: "paused", step: null, code: "operator", why: "ana: lunch" },
    { is: "alarm", what: "the probe is silent", step: null },
    { is: "finished", as: "succeeded" },
  ]);
  const lines = new EventLines(plan);
  const told = [
    ...run.entries.flatMap((entry) => lines.entry(entry)),
    ...lines.progress({ at: run.lastAt, turn: null, step: "n3/start", state: "streaming from n1" }),
    ...lines.progress({ at: run.lastAt + 9, turn: null, step: "n3/start", state: "streaming from n1" }),
  ];
  await expect(`${told.join("\n")}\n`).toMatchFileSnapshot("./golden/events.golden.txt");
});

test("a screen of a thousand nodes fits the terminal and shows where it is", () => {
  const [turn] = plan.turns;
  const many: Plan = {
    ...plan,
    turns: Array.from({ length: 1000 }, (_, index) => ({
      id: `t${index}`,
      nodes: [`node-${index}`],
      items: (turn?.items ?? []).flatMap((item) => ("undo" in item ? [] : [{ ...item, id: `t${index}/${item.id}` }])),
    })),
  };
  const run = sampleRun(many, 2000);
  const started = performance.now();
  const view = sampleView(run, { holderIs: "alive" });
  const lines = watchLines({ view, probe, now: run.lastAt, height: 24, details: false, notice: null, keys: null }, plainStyle(80));
  expect(performance.now() - started).toBeLessThan(2000);
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(lines.join("\n")).toContain("node-500");
});
