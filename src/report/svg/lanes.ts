// One lane per node: its phases as bars, the time it did not serve under them, the change of its role. Pure.
import type { Bar, Timeline } from "../../model/picture.ts";
import type { ReportDetail, ReportNode } from "../../model/report.ts";
import type { Phase } from "../../model/step.ts";
import { markup, type Markup } from "../markup.ts";
import { duration } from "../text.ts";
import { barAt, gutterText, percent, shortened, type Strip } from "./frame.ts";
import { placeLabels } from "./labels.ts";
import type { TimeScale } from "./scale.ts";

/** Neighbouring steps of one phase on one lane. */
interface Run {
  readonly phase: Phase;
  readonly kind: PhaseKind;
  readonly from: number;
  readonly to: number;
  readonly steps: readonly string[];
  readonly undo: boolean;
  readonly waited: boolean;
}
export type PhaseKind = "prepare" | "move" | "down" | "back";

export function kindOf(phase: Phase): PhaseKind {
  switch (phase) {
    case "guard":
    case "stage":
    case "drain":
      return "prepare";
    case "move":
      return "move";
    case "stop":
    case "backup":
    case "replace":
    case "start":
      return "down";
    case "ready":
    case "recover":
    case "restore":
    case "verify":
      return "back";
  }
}

const laneHeight = { roomy: 58, dense: 26 } as const;
/** Lanes that still leave the picture on one page with their labels. */
const roomyLanes = 7;

export function laneStrips(of: {
  readonly nodes: readonly ReportNode[];
  readonly detail: ReportDetail;
  readonly scale: TimeScale;
}): readonly Strip[] {
  const { timeline } = of.detail;
  const leaves = leavesOf(timeline);
  const ofCluster = leaves.get(null) ?? [];
  const whole = ofCluster.length > 0 || of.detail.leases.length > 0;
  const rows = of.nodes.length + (whole ? 1 : 0);
  const dense = rows > roomyLanes;
  const lanes = of.nodes.map((node) => nodeLane({ node, bars: leaves.get(node.name) ?? [], timeline, scale: of.scale, dense }));
  return whole ? [clusterLane(of.detail, ofCluster, of.scale, dense), ...lanes] : lanes;
}

function nodeLane(of: {
  readonly node: ReportNode;
  readonly bars: readonly Bar[];
  readonly timeline: Timeline;
  readonly scale: TimeScale;
  readonly dense: boolean;
}): Strip {
  const { node, bars, timeline, scale, dense } = of;
  const runs = runsOf(bars, timeline);
  const times = timeline.nodes.find((one) => one.node === node.name);
  const down = (times?.unavailable ?? []).map((interval) => {
    const { x, width } = barAt(scale, interval.from, interval.to ?? timeline.to);
    const words = `${node.name} did not serve for ${duration((interval.to ?? timeline.to) - interval.from)}${interval.to === null ? " and still does not" : ""}`;
    return markup`<rect class="unserved" x="${percent(x)}" width="${percent(width)}" y="4" height="24" rx="3"><title>${words}</title></rect>`;
  });
  const changed = node.roleBefore === undefined ? null : roleChange(bars);
  const marker =
    changed === null
      ? null
      : markup`<svg x="${percent(scale.at(changed))}" y="0" overflow="visible"><path class="role-change" d="M0,2 l5,6 l-5,6 l-5,-6 z"><title>${`${node.name}: ${node.roleBefore ?? ""}, then ${node.role}`}</title></path>${dense || scale.at(changed) > 84 ? null : markup`<text class="role" x="9" y="12">${`now ${node.role}`}</text>`}</svg>`;
  const roles = node.roleBefore === undefined ? [node.role] : [node.roleBefore, `\u2192 ${node.role}`];
  return {
    height: dense ? laneHeight.dense : laneHeight.roomy,
    gutter: dense
      ? gutterText(20, "name", shortened(node.name, 15))
      : markup`${gutterText(16, "name", shortened(node.name, 15))}${roles.map((role, row) => gutterText(30 + row * 13, "note", shortened(role, 18)))}`,
    body: markup`${down}${runs.map((run) => runRect(run, scale))}${marker}${dense ? null : labels(runs, scale)}`,
  };
}

function clusterLane(detail: ReportDetail, bars: readonly Bar[], scale: TimeScale, dense: boolean): Strip {
  const { timeline } = detail;
  const runs = runsOf(bars, timeline);
  const leases = detail.leases.map((lease) => {
    const { x, width } = barAt(scale, lease.from, lease.to ?? timeline.to);
    const words = `${lease.title}: ${lease.to === null ? "not put back" : `put back after ${duration(lease.to - lease.from)}`}`;
    return markup`<rect class="${lease.to === null ? "lease left" : "lease"}" x="${percent(x)}" width="${percent(width)}" y="15" height="2"><title>${words}</title></rect>`;
  });
  return {
    height: dense ? laneHeight.dense : laneHeight.roomy - 14,
    gutter: dense
      ? gutterText(20, "name", "cluster")
      : markup`${gutterText(16, "name", "cluster")}${detail.leases.length > 0 ? gutterText(31, "note", "line: lease held") : null}`,
    body: markup`${leases}${runs.map((run) => runRect(run, scale))}${dense ? null : labels(runs, scale, 1)}`,
  };
}

/** By node, null for the cluster. A step that expanded is seen through what it expanded into. */
function leavesOf(timeline: Timeline): ReadonlyMap<string | null, readonly Bar[]> {
  const parents = new Set(timeline.bars.map((bar) => bar.parent));
  const leaves = new Map<string | null, Bar[]>();
  for (const bar of timeline.bars) {
    if (parents.has(bar.step)) continue;
    for (const node of bar.nodes.length === 0 ? [null] : bar.nodes) {
      const others = leaves.get(node);
      if (others) others.push(bar);
      else leaves.set(node, [bar]);
    }
  }
  return leaves;
}

function runsOf(bars: readonly Bar[], timeline: Timeline): readonly Run[] {
  const runs: Run[] = [];
  const trifle = timeline.criticalPathMs / 400;
  for (const bar of bars) {
    const to = bar.to ?? timeline.to;
    // A look that found everything in order at once is no event of the run.
    if (bar.acts === 0 && to - bar.from < trifle) continue;
    const previous = runs.at(-1);
    const words = `${bar.undo ? "undo, " : ""}${bar.phase}: ${bar.title ?? bar.step} (${duration(to - bar.from)}${bar.acts > 1 ? `, ${bar.acts} attempts` : ""}${bar.done ? "" : ", not finished"})`;
    const waited = bar.acts === 0;
    if (previous && previous.phase === bar.phase && previous.undo === bar.undo && previous.waited === waited && bar.from - previous.to < trifle * 4)
      runs[runs.length - 1] = { ...previous, to: Math.max(to, previous.to), steps: [...previous.steps, words] };
    else runs.push({ phase: bar.phase, kind: kindOf(bar.phase), from: bar.from, to, steps: [words], undo: bar.undo, waited });
  }
  return runs;
}

function runRect(run: Run, scale: TimeScale): Markup {
  const { x, width } = barAt(scale, run.from, run.to);
  return markup`<rect class="bar ${run.kind} ${run.phase}${run.waited ? " waited" : ""}" x="${percent(x)}" width="${percent(width)}" y="8" height="16"><title>${run.steps.join("\n")}</title></rect>`;
}

function labels(runs: readonly Run[], scale: TimeScale, rows = 2): readonly Markup[] {
  const wanted = runs.map((run) => {
    const { x, width } = barAt(scale, run.from, run.to);
    return { text: run.undo ? `undo: ${run.phase}` : run.phase, x: x + width / 2 };
  });
  return placeLabels(wanted, rows).map((label) => {
    const y = 38 + label.row * 12;
    return markup`<line class="leader" x1="${percent(label.x)}" y1="24" x2="${percent(label.labelX)}" y2="${y - 8}"/><text class="phase" x="${percent(label.labelX)}" y="${y}" text-anchor="middle">${label.text}</text>`;
  });
}

/** When the last move that concerned the node was done; a node that only lost its role: when it was back. */
function roleChange(bars: readonly Bar[]): number | null {
  const own = bars.filter((bar) => bar.done);
  const moved = own.findLast((bar) => bar.phase === "move") ?? own.findLast((bar) => bar.phase === "start" || bar.phase === "ready");
  return moved?.to ?? null;
}
