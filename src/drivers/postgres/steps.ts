// The steps that this driver plans and expands into. Pure: the operations of the same names do them.
import type { Json } from "../../model/json.ts";
import type { Phase, Step } from "../../model/step.ts";
import type { ConfChanges } from "./conf-file.ts";

export type OnNode = { readonly node: string };
export type StopParams = OnNode & {
  /** Downtime: all nodes are stopped, so no node has to stay up. */
  readonly together?: true;
  /** The standby that takes over: a primary is stopped only while it streams and is not far behind, or nobody would serve writes until a person comes. */
  readonly takesOver?: string;
};
export type SwapParams = OnNode & { readonly version: string; readonly replacement: string; readonly previous: string };
export type StartParams = StopParams;
export type ReadyParams = OnNode & { readonly version: string | null };
export type MoveParams = OnNode & { readonly version: string | null };
export type PromoteParams = OnNode & { readonly from: string };
export type SlotParams = { readonly on: string; readonly name: string; readonly wanted: boolean };
export type LeftSlotParams = OnNode & { readonly name: string };
export type FollowParams = OnNode & { readonly to: string; readonly slot: string | null };
export type UploadParams = OnNode & { readonly artefact: string; readonly to: string; readonly sha256: string; readonly bytes: number };
export type UnpackParams = OnNode & { readonly archive: string; readonly directory: string; readonly version: string };
export type SetParams = OnNode & { readonly values: ConfChanges };
export type SyncParams = { readonly values: { readonly [node: string]: string } };
export type TrafficParams = { readonly paused: boolean };
export type RewindParams = OnNode & { readonly from: string; readonly timeline: number };

type More = Partial<Omit<Step, "id" | "phase" | "do" | "params">>;
const make = (id: string, phase: Phase, operation: string, params: Json, more: More): Step => ({ id, phase, do: operation, params, ...more });
const minutes = (count: number): number => count * 60_000;

/** What a start may need first: its slot on the primary, its place behind it, or its data turned back to where the timelines part. */
const startMay = { do: ["slot", "checkpoint", "rewind", "follow"], atMost: 6 } as const;

export const steps = {
  upload: (id: string, params: UploadParams): Step =>
    make(id, "stage", "upload", params, {
      title: `copy ${params.artefact.split("/").at(-1) ?? ""} to the host of ${params.node}`,
      expectedMs: 500,
      withinMs: minutes(30),
    }),
  unpack: (id: string, params: UnpackParams): Step =>
    make(id, "stage", "unpack", params, { title: `unpack ${params.version} for ${params.node} and run it`, expectedMs: 700, withinMs: minutes(10) }),
  sync: (id: string, params: SyncParams, more: More = {}): Step =>
    make(id, "guard", "sync", params, {
      title: `synchronous_standby_names: ${[...new Set(Object.values(params.values))].join(" / ")}`,
      expectedMs: 50,
      ...more,
    }),
  moveAway: (id: string, params: MoveParams, { nodes, holdsTraffic }: { readonly nodes: number; readonly holdsTraffic: boolean }): Step =>
    make(id, "move", "moveAway", params, {
      title: `if ${params.node} is the primary then: switch over to the most advanced standby`,
      expectedMs: 400,
      withinMs: minutes(3),
      may: {
        do: ["checkpoint", "slot", ...(holdsTraffic ? ["traffic"] : []), "stop", "promote", "follow"],
        atMost: 3 * nodes + (holdsTraffic ? 6 : 4),
      },
    }),
  checkpoint: (id: string, params: OnNode): Step =>
    make(id, "move", "checkpoint", params, {
      title: `CHECKPOINT on ${params.node}, so that what follows is short`,
      expectedMs: 50,
      withinMs: minutes(30),
    }),
  stop: (id: string, params: StopParams): Step =>
    make(id, "stop", "stop", params, { title: `pg_ctl stop -m fast on ${params.node}`, expectedMs: 100, withinMs: minutes(3) }),
  swap: (id: string, params: SwapParams): Step =>
    make(id, "replace", "swap", params, {
      title: `${params.version} in place on ${params.node}; the former release is kept`,
      expectedMs: 15,
      withinMs: minutes(2),
    }),
  start: (id: string, params: StartParams): Step =>
    make(id, "start", "start", params, { title: `pg_ctl start on ${params.node}`, expectedMs: 150, withinMs: minutes(3), may: startMay }),
  wake: (id: string, params: OnNode): Step =>
    make(id, "recover", "wake", params, { title: `the standbys of ${params.node} ask for its log at once`, expectedMs: 50, withinMs: minutes(1) }),
  ready: (id: string, params: ReadyParams): Step =>
    make(id, "ready", "ready", params, {
      title: `${params.node} serves${params.version === null ? "" : ` on ${params.version}`}, and has replayed what the primary had`,
      expectedMs: 50,
      withinMs: minutes(3),
      commits: { of: "turn", why: `${params.node} serves again: nothing of this turn is left to undo` },
    }),
  traffic: (id: string, params: TrafficParams): Step =>
    make(id, "move", "traffic", params, {
      title: params.paused ? "hooks.pauseTraffic" : "hooks.resumeTraffic",
      expectedMs: 100,
      withinMs: minutes(1),
      ...(params.paused ? { held: "release" as const } : {}),
    }),
  promote: (id: string, params: PromoteParams): Step =>
    make(id, "move", "promote", params, {
      title: `promote ${params.node} once it has received the shutdown position of ${params.from}`,
      expectedMs: 150,
      withinMs: 30_000,
      commits: { of: "turn", why: `${params.node} accepts writes: ${params.from} can only come back as its standby` },
    }),
  slot: (id: string, params: SlotParams): Step =>
    make(id, params.wanted ? "move" : "recover", "slot", params, {
      title: `${params.wanted ? "create" : "drop"} physical slot ${params.name} on ${params.on}`,
      expectedMs: 10,
      withinMs: minutes(1),
    }),
  follow: (id: string, params: FollowParams): Step =>
    make(id, "move", "follow", params, {
      title: `${params.node} follows ${params.to}`,
      expectedMs: 100,
      withinMs: minutes(3),
      may: { do: ["stop", "start"], atMost: 2 },
    }),
  tidy: (id: string, params: OnNode): Step =>
    make(id, "recover", "tidy", params, {
      title: `no slot left on ${params.node} that nobody reads`,
      expectedMs: 10,
      withinMs: minutes(1),
      may: { do: ["slot", "leftSlot"], atMost: 64 },
    }),
  leftSlot: (id: string, params: LeftSlotParams): Step =>
    make(id, "recover", "leftSlot", params, {
      title: `drop logical slot ${params.name} on ${params.node}: the primary has it`,
      expectedMs: 10,
      withinMs: minutes(1),
    }),
  set: (id: string, params: SetParams, phase: Phase = "replace"): Step =>
    make(id, phase, "set", params, {
      title: `${Object.keys(params.values).join(", ")} in postgresql.auto.conf of ${params.node}`,
      expectedMs: 60,
      withinMs: minutes(2),
    }),
  readBack: (id: string, params: SetParams): Step =>
    make(id, "ready", "readBack", params, { title: `${params.node} says that it runs with them`, expectedMs: 10, withinMs: minutes(1) }),
  rewind: (id: string, params: RewindParams): Step =>
    make(id, "recover", "rewind", params, { title: `pg_rewind ${params.node} from ${params.from}`, expectedMs: 1_000, withinMs: minutes(60) }),
} as const;
