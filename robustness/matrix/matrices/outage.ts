// Another node dies or falls silent by itself at an instant of the run, or of an abort, and comes back by itself.
import { Decider } from "../../../src/engine/decide.ts";
import { RunFold } from "../../../src/engine/run-fold.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { Step } from "../../../src/model/step.ts";
import { present } from "../simulation/need.ts";
import type { Scenario } from "../scenario.ts";
import type { Instant } from "../simulation/faults.ts";
import { World } from "../simulation/world.ts";
import { drive, type Result, type Scene, type Trial } from "../trial.ts";
import { ended, labelOf, pairStep, Tally, type MatrixOptions } from "./tally.ts";

/** Why nobody could have kept the rest of the cluster together. Only a loss of availability is ever excused by it. */
export type Coincidence =
  | "the turn of the stopped node had begun"
  | "a node was already away as planned"
  | "the stop was already under way"
  | "the outage fell between the last look and the stop";
export const coincidences: readonly { readonly reason: Coincidence; readonly why: string }[] = [
  {
    reason: "the turn of the stopped node had begun",
    why: "the gate before the turn held; a turn that has begun goes on, because a node left half-way is worse than an alarm",
  },
  {
    reason: "a node was already away as planned",
    why: "a cluster that bears the loss of one node has lost it already; the next gate waits until everybody is back",
  },
  {
    reason: "the stop was already under way",
    why: "the system was asked to stop the node and answers when it has; there is no request that takes it back",
  },
  {
    reason: "the outage fell between the last look and the stop",
    why: "the facts were read immediately before the stop was sent; a look and a stop on two machines cannot be one",
  },
];

export async function outages(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  for (const i of tally.sample(base.world.instants.length))
    await strikeEach(scenario, tally, i, base, {}, labelOf(i, base.world.instants[i], "outage"), (result) => [
      ...ended(result, "succeeded"),
      ...tally.sameEnd(base, result),
    ]);
  return tally;
}

export async function outagesDuringAborts(scenario: Scenario, base: Result, options: MatrixOptions): Promise<Tally> {
  const tally = new Tally(options);
  const { without, timing } = options;
  for (const i of tally.sample(base.world.instants.length, 5 * pairStep(base))) {
    const calm = await drive(scenario, { abortAt: i, ...(without ? { without } : {}), ...(timing ? { timing } : {}) });
    for (const offset of tally.sample(calm.world.instants.length - i - 1, pairStep(base))) {
      const j = i + 1 + offset;
      const label = `${labelOf(i, base.world.instants[i], "abort")} then ${labelOf(j, calm.world.instants[j], "outage")}`;
      await strikeEach(scenario, tally, j, calm, { abortAt: i }, label, (result) =>
        result.outcome?.is === "succeeded" ? [] : ended(result, "aborted"),
      );
    }
  }
  return tally;
}

/** One trial for every node that is not part of the turn under way. */
async function strikeEach(
  scenario: Scenario,
  tally: Tally,
  instant: number,
  undisturbed: Result,
  trial: Trial,
  label: string,
  judge: (result: Result) => readonly string[],
): Promise<void> {
  const history = new History(undisturbed);
  const own = history.nodesOf(undisturbed.world.instants.slice(0, instant + 1).findLast((each) => each.step !== null));
  for (const [index, { node }] of scenario.make(new World()).outages.entries()) {
    if (own.includes(node)) continue;
    let coincidence: Coincidence | null = null;
    const incident =
      ({ fixture, world }: Scene) =>
      (at: Instant): void => {
        coincidence = history.coincidence(at, fixture.away(), world);
        present(fixture.outages[index], node).strike();
      };
    await tally.attempt(scenario, `${label} of ${node}`, { ...trial, incidents: new Map([[instant, incident]]) }, (result) => {
      const excused = result.charges.filter((charge) => {
        if (charge.kind !== "unavailable") return false;
        return charge.node === undefined ? coincidence !== null : own.includes(charge.node);
      });
      for (const reason of new Set(excused.map((charge) => (charge.node === undefined ? coincidence : "the turn of the stopped node had begun"))))
        if (reason !== null) tally.inherent.set(reason, (tally.inherent.get(reason) ?? 0) + 1);
      const charges = result.charges.filter((charge) => !excused.includes(charge));
      return [...judge(result), ...tally.held({ ...result, charges })];
    });
  }
}

/** Which step and turn an instant belongs to, from the plan and the journal. */
class History {
  readonly #decider: Decider<Facts>;

  constructor({ turns, events, operations }: Result) {
    this.#decider = new Decider(new RunFold(turns, events), operations);
    for (const step of this.#decider.fold.known.values()) this.#decider.undoing(step);
  }
  #step(id: string | null): Step | undefined {
    return id === null ? undefined : this.#decider.fold.known.get(id);
  }
  nodesOf(instant: Instant | undefined): readonly string[] {
    const step = this.#step(instant?.step ?? null);
    // A step that puts another one back belongs to that one's turn.
    const turn = this.#decider.fold.turns.find((each) =>
      each.items.some((item) => "id" in item && step !== undefined && withoutUndo(step.id).startsWith(item.id)),
    );
    return turn?.nodes ?? [];
  }
  coincidence(instant: Instant, away: readonly string[], world: World): Coincidence | null {
    if (away.length > 0) return "a node was already away as planned";
    const stops = (id: string | null): boolean => this.#step(id)?.phase === "stop";
    if (stops(instant.step) && (instant.kind === "send" || instant.event === "acting")) return "the outage fell between the last look and the stop";
    const underWay = new Set<string>();
    for (const event of world.journal.read()) {
      if (event.is === "acting") underWay.add(event.step);
      if (event.is === "done") underWay.delete(event.step);
    }
    return [...underWay].some((id) => stops(id)) ? "the stop was already under way" : null;
  }
}
const withoutUndo = (id: string): string => (id.startsWith("undo ") ? withoutUndo(id.slice("undo ".length)) : id);
