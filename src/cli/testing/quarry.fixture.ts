// A made-up system whose whole cluster is one JSON file: three nodes with versions, one leader. For tests of the command line, and to try it by hand:
// node --import ./src/cli/testing/quarry-register.fixture.ts bin/stillwater.mjs ...
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { SystemDriver, SystemModule } from "../../model/driver.ts";
import { Refused, StillwaterError, Unreachable } from "../../model/errors.ts";
import type { Check, Facts } from "../../model/facts.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import type { Goal } from "../../model/goal.ts";
import type { Step, Turn } from "../../model/step.ts";
import { QuarryContinuity } from "./quarry-continuity.fixture.ts";
import { registerSystem } from "../../usecases/registry.ts";
import { holding, operation, operationTable, rolling } from "../../planner/kit.ts";

export interface Pit {
  readonly name: string;
  version: string;
  up: boolean;
  /** When it will be up, in ms since 1970. */
  readyAt: number;
}
export interface QuarryFile {
  nodes: Pit[];
  leader: string;
  settings: Record<string, string>;
  frozen: boolean;
  /** How long a start takes, in ms. */
  startMs: number;
  /** Starts of this node never finish. */
  stuck: string | null;
  /** This node's start leaves no trace of whether it happened. */
  doubtful: string | null;
}
type QuarryFacts = Facts<
  { readonly members: readonly { readonly name: string; readonly version: string }[] },
  { readonly leader: string; readonly up: readonly string[]; readonly frozen: boolean; readonly settings: Readonly<Record<string, string>> }
>;

export const readQuarry = (file: string): QuarryFile => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as QuarryFile;
  } catch (error) {
    throw new Unreachable(`The quarry does not answer: ${error instanceof Error ? error.message : String(error)}`, { object: file, cause: error });
  }
};
export const writeQuarry = (file: string, content: QuarryFile): void => {
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
};

function quarryDriver(file: string): SystemDriver<QuarryFacts> {
  const change = (edit: (quarry: QuarryFile) => void): null => {
    const quarry = readQuarry(file);
    edit(quarry);
    writeQuarry(file, quarry);
    return null;
  };
  const pit = (quarry: QuarryFile, name: string): Pit => {
    const found = quarry.nodes.find((each) => each.name === name);
    if (!found) throw new Refused(`there is no pit ${name}`);
    return found;
  };
  const isUp = (each: Pit, now: number): boolean => each.up && each.readyAt <= now;
  type On = { readonly node: string };
  type To = { readonly node: string; readonly version: string };
  const freeze = operation<QuarryFacts, null>("freeze", {
    look: () => Promise.resolve(readQuarry(file).frozen ? { is: "done" } : { is: "open" }),
    act: (_, __, acting) => acting.send(null, () => change((quarry) => (quarry.frozen = true))),
    undo: () => [thaw.step("thaw", "restore", null, { title: "thaw the schedule" })],
    fenced: "unfenced",
  });
  const thaw = operation<QuarryFacts, null>("thaw", {
    look: () => Promise.resolve(readQuarry(file).frozen ? { is: "open" } : { is: "done" }),
    act: (_, __, acting) => acting.send(null, () => change((quarry) => (quarry.frozen = false))),
  });
  const move = operation<QuarryFacts, { readonly to: string }>("move", {
    look: ({ to }) => Promise.resolve(readQuarry(file).leader === to ? { is: "done" } : { is: "open" }),
    act: ({ to }, _, acting) => acting.send(null, () => change((quarry) => (quarry.leader = to))),
  });
  const stop = operation<QuarryFacts, On>("stop", {
    look: ({ node }) => Promise.resolve(pit(readQuarry(file), node).up ? { is: "open" } : { is: "done" }),
    act: ({ node }, _, acting) => acting.send(null, () => change((quarry) => (pit(quarry, node).up = false))),
    undo: ({ node }) => [start.step("start", "start", { node }, { title: `start ${node}` })],
  });
  const replace = operation<QuarryFacts, To>("replace", {
    look: ({ node, version }) => Promise.resolve(pit(readQuarry(file), node).version === version ? { is: "done" } : { is: "open" }),
    act: ({ node, version }, _, acting) => acting.send(null, () => change((quarry) => (pit(quarry, node).version = version))),
  });
  const start = operation<QuarryFacts, On>("start", {
    look: ({ node }, memory, { now }) => {
      const quarry = readQuarry(file);
      const { up, readyAt } = pit(quarry, node);
      void memory;
      if (up && quarry.doubtful === node)
        return Promise.resolve({ is: "unclear", known: [`${node} was told to start`], unknown: ["whether it did"] });
      if (!up) return Promise.resolve({ is: "open" });
      return Promise.resolve(readyAt <= now ? { is: "done" } : { is: "waiting", for: `streaming from ${quarry.leader}` });
    },
    act: ({ node }, _, acting) =>
      acting.send(null, () =>
        change((quarry) => {
          const found = pit(quarry, node);
          found.up = true;
          found.readyAt = quarry.stuck === node ? acting.now + 86_400_000 : acting.now + quarry.startMs;
        }),
      ),
  });
  const set = operation<QuarryFacts, { readonly key: string; readonly value: string | null }>("set", {
    look: ({ key, value }) => Promise.resolve((readQuarry(file).settings[key] ?? null) === value ? { is: "done" } : { is: "open" }),
    act: ({ key, value }, _, acting) =>
      acting.send(null, () =>
        change((quarry) => {
          if (value === null) delete quarry.settings[key];
          else quarry.settings[key] = value;
        }),
      ),
  });

  const turnsFor = (facts: QuarryFacts, goal: Goal): readonly Turn[] => {
    const { leader } = facts.now;
    const names = facts.structure.members.map((each) => each.name).filter((name) => goal.only?.includes(name) ?? true);
    const followers = names.filter((name) => name !== leader);
    const passage = (node: string): readonly Step[] => [
      stop.step(`${node}/stop`, "stop", { node }, { title: `stop ${node}`, expectedMs: 300 }),
      ...(goal.version === null
        ? []
        : [
            replace.step(
              `${node}/replace`,
              "replace",
              { node, version: goal.version },
              { title: `put ${goal.version} in place on ${node}`, expectedMs: 500 },
            ),
          ]),
      ...Object.entries(goal.settings).map(([key, value]) =>
        set.step(`${node}/set ${key}`, "replace", { key, value }, { title: `set ${key}`, expectedMs: 100 }),
      ),
      start.step(`${node}/start`, "start", { node }, { title: `start ${node}`, expectedMs: 2000, withinMs: 30_000 }),
    ];
    const what = goal.version === null ? "restart" : `restart on ${goal.version}`;
    const turn = (node: string): Turn => ({
      id: node,
      nodes: [node],
      role: node === leader ? "leader" : "follower",
      title: node === leader ? `${what}, rejoin as follower` : what,
      items: holding(freeze.step(`${node}/freeze`, "guard", null, { title: "freeze the schedule" }), "release", ...passage(node)),
    });
    const turns = rolling(followers, turn);
    const [heir] = followers;
    if (!names.includes(leader)) return turns;
    if (heir === undefined) return [...turns, turn(leader)];
    const handover: Turn = {
      id: "move",
      nodes: [],
      title: `move leader ${leader} -> ${heir}`,
      items: [
        move.step(
          "move",
          "move",
          { to: heir },
          { title: `move leader ${leader} -> ${heir}`, expectedMs: 400, commits: { of: "turn", why: "clients follow the leader" } },
        ),
      ],
    };
    return [...turns, handover, turn(leader)];
  };

  return {
    system: "quarry",
    operations: operationTable(freeze, thaw, move, stop, replace, start, set),
    invariants: [
      {
        name: "serves",
        holds: "between turns",
        broken: () => [],
      },
    ],
    inspect: ({ now }) => {
      const quarry = readQuarry(file);
      return Promise.resolve({
        structure: { members: quarry.nodes.map(({ name, version }) => ({ name, version })) },
        now: {
          leader: quarry.leader,
          up: quarry.nodes.filter((each) => isUp(each, now)).map((each) => each.name),
          frozen: quarry.frozen,
          settings: quarry.settings,
        },
      });
    },
    plan: (facts, goal) => {
      const there = goal.version !== null && facts.structure.members.every((each) => each.version === goal.version);
      if (there && Object.keys(goal.settings).length === 0)
        return { refused: `every node runs ${goal.version ?? ""} already`, clear: "The cluster already is what was asked for.", code: "SW2109" };
      return { turns: turnsFor(facts, goal) };
    },
    nodes: (facts) =>
      facts.structure.members.map(({ name, version }, index) => ({
        name,
        role: name === facts.now.leader ? "leader" : "follower",
        endpoint: `127.0.0.1:${7001 + index}`,
        version: facts.now.up.includes(name) ? version : null,
        installed: version,
        state: facts.now.up.includes(name) ? "serving" : "down",
        detail: name === facts.now.leader ? "" : "lag 0 B",
      })),
    check: (facts, goal) => {
      const checks: Check[] = facts.structure.members.map(({ name }): Check => {
        if (facts.now.up.includes(name)) return { code: "QU-1", object: name, verdict: "passed", what: "answers" };
        return {
          code: "QU-1",
          object: name,
          verdict: "blocker",
          what: "does not answer since 02:14:07",
          remedy: `start ${name}`,
          price: "if n1 fails in this window, writes since 02:14:07 (11,204 rows) are lost",
        };
      });
      if (goal.settings["depth"] === "deep")
        checks.push({ code: "QU-2", object: "depth", verdict: "warning", what: 'cart "audit" on n1 is idle for 3 d: holds 1.2 GB of ore' });
      return checks;
    },
    modes: () => [
      { mode: "zero-downtime", eligible: true, why: "minor release, 2 followers streaming, lag 0 B" },
      { mode: "semi-downtime", eligible: true, why: "always possible" },
      { mode: "downtime", eligible: false, why: "a quarry has none" },
    ],
    impact: (facts, _, __, turns) =>
      turns.flatMap((turn): readonly ImpactForecast[] =>
        turn.nodes.length === 0
          ? [
              {
                feature: "writes",
                turn: turn.id,
                effect: "paused",
                expectedMs: 400,
                basis: "driver default",
                source: "quarry manual 4.2",
                measure: { by: "longest-write-gap" },
              },
            ]
          : turn.nodes
              .filter((node) => node !== facts.now.leader)
              .map((node) => ({
                feature: `reads on ${node}`,
                turn: turn.id,
                effect: "refused",
                expectedMs: 300,
                basis: "driver default",
                source: "quarry manual 4.2",
                measure: { by: "node-unavailable", node },
              })),
      ),
    undoUntil: () => "until the end (minor release)",
    goalBack: (before, goal) => ({ ...goal, version: before.structure.members[0]?.version ?? null, artefact: null, settings: {} }),
    artefact: async (path) => {
      const text = await readFile(path, "utf8");
      const version = /^quarry (\S+)\n/.exec(text)?.[1];
      if (version === undefined) throw new StillwaterError("SW1205", "The file is not a release of the quarry.", { object: path });
      return { path, sha256: createHash("sha256").update(text).digest("hex"), bytes: text.length, version };
    },
    settings: (facts, keys) =>
      Promise.resolve(keys.map((key) => ({ key, value: facts.now.settings[key] ?? null, apply: "restart", secret: key.includes("password") }))),
    continuity: ({ name }) => Promise.resolve(new QuarryContinuity(file, name)),
    prove: () => ({ coverage: "stone count of n1 seen by n2", objects: [], violations: [] }),
    close: () => Promise.resolve(),
  };
}

const fileOf = (definition: ClusterDefinition): string => String(definition.options["file"]);

export const quarryModule: SystemModule = {
  system: "quarry",
  title: "a quarry in a file, for tests",
  open: (definition) => Promise.resolve(quarryDriver(fileOf(definition)) as unknown as SystemDriver),
  discover: (target) => {
    const quarry = readQuarry(target);
    return Promise.resolve(
      quarryDefinition(
        target,
        quarry.nodes.map((each) => each.name),
      ),
    );
  },
};

export const quarryDefinition = (
  file: string,
  names: readonly string[] = ["n1", "n2", "n3"],
  stateDirectory = `${file}.host`,
): ClusterDefinition => ({
  version: 1,
  cluster: "orders",
  system: "quarry",
  hosts: [{ name: "h1", transport: "local", address: null, user: null, stateDirectory, domain: null }],
  nodes: names.map((name, index) => ({ name, host: "h1", endpoint: `127.0.0.1:${7001 + index}`, service: null, options: {} })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: { hosts: ["127.0.0.1:7001"] }, rate: 50, minAcks: 1, verifyAfterS: 0 },
  options: { file },
});

export const freshQuarry = (): QuarryFile => ({
  nodes: ["n1", "n2", "n3"].map((name) => ({ name, version: "17.0", up: true, readyAt: 0 })),
  leader: "n1",
  settings: {},
  frozen: false,
  startMs: 50,
  stuck: null,
  doubtful: null,
});

export const registerQuarry = (): void => registerSystem("quarry", { title: quarryModule.title, load: () => Promise.resolve(quarryModule) });
