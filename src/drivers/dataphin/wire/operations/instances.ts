// Instances: list, act, follow their task runs and their neighbours (facts 3.2).
import type { Fence } from "../../../../model/fence.ts";
import type { Api } from "../caller.ts";
import { everyPage, pageSize } from "../paging.ts";
import { numberIn, objectIn, objectsIn, textIn, textsIn, trueIn, type JsonObject } from "../reading.ts";
import type { Zone } from "../time.ts";
import type { Environment } from "./projects.ts";

/** Of `RunStatusList`. There is no status of a paused or a killed one: paused is the node's, killed is FAILED (facts 2.5). */
export const runStatuses = ["INIT", "WAIT_SUBMISSION", "WAIT_SCHEDULE", "DISPATCH_BLOCKED", "WAIT_RESOURCE", "RUNNING", "SUCCESS", "FAILED"] as const;
export type RunStatus = (typeof runStatuses)[number];
export const pendingStatuses: readonly RunStatus[] = ["INIT", "WAIT_SUBMISSION", "WAIT_SCHEDULE", "DISPATCH_BLOCKED", "WAIT_RESOURCE"];

export interface Instance {
  /** `t_...`. */
  readonly id: string;
  readonly project: string;
  readonly nodeId: string;
  readonly node: string;
  /** yyyy-MM-dd. */
  readonly bizDate: string | null;
  readonly dueAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** A logical table's instance has one for each of its fields. */
  readonly statuses: readonly string[];
  readonly paused: boolean;
  readonly dryRun: boolean;
  readonly priority: string | null;
}
export interface InstanceQuery {
  readonly project: string;
  readonly environment: Environment;
  readonly statuses?: readonly RunStatus[];
  /** Default NORMAL: what the scheduler makes. */
  readonly scheduleType?: "NORMAL" | "MANUAL";
  /** yyyy-MM-dd. */
  readonly minRunDate?: string;
  readonly maxRunDate?: string;
  readonly nodeId?: string;
  /** Only of nodes that are paused, or only of those that are not. */
  readonly paused?: boolean;
}

export async function listInstances(api: Api, zone: Zone, query: InstanceQuery): Promise<readonly Instance[]> {
  const found = await everyPage("ListInstances", async (page) => {
    const reply = await api.read("ListInstances", {
      Env: query.environment,
      ListQuery: {
        ProjectId: query.project,
        Page: page,
        PageSize: pageSize,
        ScheduleType: query.scheduleType ?? "NORMAL",
        ...(query.statuses === undefined ? {} : { RunStatusList: query.statuses }),
        ...(query.minRunDate === undefined ? {} : { MinRunDate: query.minRunDate }),
        ...(query.maxRunDate === undefined ? {} : { MaxRunDate: query.maxRunDate }),
        ...(query.nodeId === undefined ? {} : { NodeId: query.nodeId }),
        ...(query.paused === undefined ? {} : { SchedulePaused: query.paused }),
      },
    });
    const result = objectIn(reply, "PageResult");
    return { entries: objectsIn(result, "Data"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((instance) => instanceOf(instance, query.project, zone));
}

function instanceOf(from: JsonObject, project: string, zone: Zone): readonly Instance[] {
  const id = textIn(from, "Id");
  if (id === null) return [];
  const node = objectIn(from, "NodeInfo");
  const at = (key: string): number | null => {
    const text = textIn(from, key);
    return text === null ? null : zone.parse(text);
  };
  return [
    {
      id,
      project,
      nodeId: textIn(node, "Id") ?? "",
      node: textIn(node, "Name") ?? textIn(node, "Id") ?? id,
      bizDate: textIn(from, "BizDate"),
      dueAt: at("DueTime"),
      startedAt: at("StartExecuteTime"),
      endedAt: at("EndExecuteTime"),
      statuses: textsIn(from, "StatusList"),
      paused: trueIn(node, "SchedulePaused"),
      dryRun: trueIn(node, "DryRun"),
      priority: textsIn(node, "PriorityList")[0] ?? null,
    },
  ];
}

/** Null: there is no such instance. */
export async function getInstance(
  api: Api,
  zone: Zone,
  at: { readonly project: string; readonly environment: Environment; readonly id: string },
): Promise<Instance | null> {
  const reply = await api.read("GetPhysicalInstance", { Env: at.environment, ProjectId: at.project, InstanceId: at.id });
  const found = objectIn(reply, "Instance");
  return found === null ? null : (instanceOf(found, at.project, zone)[0] ?? null);
}

export interface TaskRun {
  readonly id: string;
  readonly status: string;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}
/** Every run that an instance has had, the oldest first: a re-run makes a new run and no new instance. */
export async function listTaskRuns(
  api: Api,
  zone: Zone,
  at: { readonly project: string; readonly environment: Environment; readonly id: string },
): Promise<readonly TaskRun[]> {
  const reply = await api.read("GetPhysicalInstanceLog", { Env: at.environment, ProjectId: at.project, InstanceId: at.id });
  return objectsIn(reply, "TaskrunLogList")
    .flatMap((run): readonly TaskRun[] => {
      const id = textIn(run, "TaskrunId");
      const timeOf = (key: string): number | null => {
        const text = textIn(run, key);
        return text === null ? null : zone.parse(text);
      };
      return id === null ? [] : [{ id, status: textIn(run, "Status") ?? "", startedAt: timeOf("StartTime"), endedAt: timeOf("EndTime") }];
    })
    .toSorted((a, b) => (a.startedAt ?? Infinity) - (b.startedAt ?? Infinity));
}

/** Ids of the instances that it waits for, one level up. */
export async function listUpstream(
  api: Api,
  at: { readonly project: string; readonly environment: Environment; readonly id: string },
): Promise<readonly string[]> {
  const reply = await api.read("GetInstanceUpDownStream", {
    Env: at.environment,
    ProjectId: at.project,
    InstanceId: { Id: at.id },
    UpStreamDepth: 1,
    DownStreamDepth: 0,
  });
  return objectsIn(objectIn(reply, "InstanceDagInfo"), "UpInstanceList").flatMap((each) => textIn(each, "Id") ?? []);
}

export type InstanceOperation = "RERUN" | "PAUSE" | "RESUME" | "TERMINATE" | "SET_SUCCESS";
export interface Operated {
  readonly id: string;
  /** The command was accepted; what came of it is seen in the instance. */
  readonly accepted: boolean;
  readonly why: string | null;
}
/** One command for a batch of one project. */
export async function operateInstances(
  api: Api,
  fence: Fence,
  command: { readonly project: string; readonly environment: Environment; readonly operation: InstanceOperation; readonly ids: readonly string[] },
): Promise<readonly Operated[]> {
  const reply = await api.effect(fence, "OperateInstance", {
    Env: command.environment,
    OperateCommand: { ProjectId: command.project, Operation: command.operation, InstanceIdList: command.ids.map((id) => ({ Id: id })) },
  });
  return objectsIn(reply, "InstanceStatusList").flatMap((each) => {
    const id = textIn(each, "Id");
    return id === null ? [] : [{ id, accepted: textIn(each, "Status") === "SUCCESS", why: textIn(each, "ErrorMessage") }];
  });
}
