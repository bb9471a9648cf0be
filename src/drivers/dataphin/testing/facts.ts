// Facts and goals for tests of what is pure.
import type { Goal } from "../../../model/goal.ts";
import type { DpApi, DpFacts, DpGrant, DpNow, DpStructure } from "../facts.ts";

/** 2026-11-20 10:00 in UTC. */
export const noon = Date.UTC(2026, 10, 20, 10, 0, 0);

export const goalOf = (goal: Partial<Goal> = {}): Goal => ({
  version: "6.3.0.1",
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...goal,
});

const node = (role: "application" | "manager" | "gateway" | "realtime") => ({ role, endpoint: `${role}:80`, host: "jump" });
export function factsOf(structure: Partial<DpStructure> = {}, now: Partial<DpNow> = {}): DpFacts {
  return {
    structure: {
      version: "6.2.0.1",
      timeZone: "UTC",
      nodes: { application: node("application"), manager: node("manager"), gateway: node("gateway"), realtime: node("realtime") },
      projects: [{ id: "7162269257990111", name: "retail" }],
      apis: [],
      grants: [],
      ...structure,
    },
    now: {
      at: noon,
      states: { application: "serving", manager: "serving", gateway: "serving", realtime: "serving" },
      console: "accessible",
      why: {},
      instances: { running: [], due: [], pending: 0, paused: 0 },
      realtime: [],
      streamTasks: 0,
      ...now,
    },
  };
}
export const apiOf = (id: string, of: DpApi["class"]): DpApi => ({
  id,
  name: `api ${id}`,
  project: "7162269257990111",
  version: "1.0",
  class: of,
  classFrom: "test",
});
export const grantOf = (api: string, grant: Partial<DpGrant> = {}): DpGrant => ({
  api,
  appKey: "200000001",
  expires: "2036-12-31",
  fields: null,
  withheld: [],
  ...grant,
});
export const running = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `t_${String(index)}`,
    project: "7162269257990111",
    node: `load_${String(index)}`,
    nodeId: `n_${String(index)}`,
    startedAt: noon - 60_000,
    priority: null,
  }));
