// The facts once a step is done: what the checker walks a plan with. Pure.
import type { DdFacts, DdNodeNow } from "./facts.ts";

const withNow = (facts: DdFacts, now: Partial<DdFacts["now"]>): DdFacts => ({ ...facts, now: { ...facts.now, ...now } });

/** A name that the facts do not have changes nothing. */
export function withNodes(facts: DdFacts, names: readonly string[], change: (node: DdNodeNow, name: string) => Partial<DdNodeNow>): DdFacts {
  const nodes = { ...facts.now.nodes };
  for (const name of names) {
    const now = nodes[name];
    if (now !== undefined) nodes[name] = { ...now, ...change(now, name) };
  }
  return withLeader(withNow(facts, { nodes }));
}
export const withDown = (facts: DdFacts, names: readonly string[]): DdFacts =>
  withNodes(facts, names, () => ({ state: "down", running: null, pid: null, boot: null, leads: false, restartIntervalS: null, runningJobs: null }));

/** They serve with what is installed, or with that version. */
export const withServing = (facts: DdFacts, names: readonly string[], version: string | null = null): DdFacts =>
  withNodes(facts, names, (_, name) => ({ state: "serving", running: version ?? facts.structure.nodes[name]?.installed ?? null }));

/** One of the controllers that serve leads, as long as they are a majority. */
function withLeader(facts: DdFacts): DdFacts {
  const controllers = Object.keys(facts.structure.nodes).filter((name) => facts.structure.nodes[name]?.role === "controller");
  const serving = controllers.filter((name) => facts.now.nodes[name]?.state === "serving");
  const { leader } = facts.now;
  if (leader !== null && serving.includes(leader)) return facts;
  const next = serving.length * 2 > controllers.length ? (serving[0] ?? null) : null;
  const nodes = Object.fromEntries(Object.entries(facts.now.nodes).map(([name, node]) => [name, { ...node, leads: name === next }]));
  return withNow(facts, { leader: next, nodes });
}

/** All nodes of the installation: they run what they ran until they are started again. */
export function withInstalled(facts: DdFacts, host: string, server: string, version: string): DdFacts {
  const nodes = Object.fromEntries(
    Object.entries(facts.structure.nodes).map(([name, node]) => [
      name,
      node.host === host && node.server === server ? { ...node, installed: version } : node,
    ]),
  );
  return { ...facts, structure: { ...facts.structure, nodes } };
}

/** Every chunk has all its replicas again, and nothing is queued. */
export function withStableChunks(facts: DdFacts): DdFacts {
  const { chunks } = facts.now;
  return withNow(facts, {
    chunks: chunks === null ? null : { ...chunks, recovering: 0, underReplicated: 0, unequal: 0 },
    recovery: facts.now.recovery === null ? null : { ...facts.now.recovery, waiting: 0, inProgress: 0 },
    replicasInRecovery: facts.now.replicasInRecovery === null ? null : 0,
  });
}
