// Instances, nodes and projects as the OpenAPI tells and operates them (facts 3.2).
import type { Database } from "../database.ts";
import type { Instance } from "../entities.ts";
import { addInstance } from "../scheduler/generate.ts";
import { Dag } from "../scheduler/dag.ts";
import { pause, pauseNode, rerun, setSuccess, terminate } from "../scheduler/operate.ts";
import { dateOf, timeOf } from "../times.ts";
import type { Operation } from "./operation.ts";
import { pageOf } from "./operation.ts";
import { ApiError, type Input } from "./parameters.ts";

function projectIn(database: Database, id: string): string {
  if (!database.data.projects.some((project) => project.id === id)) throw new ApiError("DPN.OP.ProjectNotExist", `project ${id} does not exist`);
  return id;
}
/** Of that project alone; error when there is none. */
function instanceIn(database: Database, project: string, id: string): Instance {
  const found = database.data.instances[id];
  if (found === undefined || database.node(found.nodeId).project !== project)
    throw new ApiError("DPN.OP.InstanceNotExist", `instance ${id} does not exist in project ${project}`);
  return found;
}

function describe(database: Database, instance: Instance): object {
  const node = database.node(instance.nodeId);
  const run = instance.taskruns.at(-1);
  const end = run?.end ?? null;
  return {
    Id: instance.id,
    BizDate: instance.bizDate,
    DueTime: timeOf(instance.dueTime),
    Index: instance.index,
    ...(run === undefined ? {} : { StartExecuteTime: timeOf(run.start) }),
    ...(run === undefined || end === null ? {} : { EndExecuteTime: timeOf(end), Duration: `${String(Math.round((end - run.start) / 1_000))}s` }),
    StatusList: [instance.status],
    NodeInfo: {
      Id: node.id,
      Name: node.name,
      Type: "DATA_PROCESS",
      From: "DATA_PROCESS",
      SubDetailType: "SHELL",
      DryRun: false,
      HasDev: true,
      HasProd: true,
      OwnerList: [{ Id: "300006788", Name: node.owner }],
      PriorityList: [node.priority],
      ResourceGroupList: [node.resourceGroup],
      SchedulePaused: instance.schedulePaused,
      SchedulePeriodList: [node.schedule.kind === "daily" ? "DAILY" : node.schedule.kind === "minutes" ? "MINUTELY" : "MANUAL"],
    },
  };
}

const within = (day: string, from: string | null, to: string | null): boolean =>
  (from === null || day >= from.slice(0, 10)) && (to === null || day <= to.slice(0, 10));

const listInstances: Operation = (input, { database }) => {
  const query = input.object("ListQuery");
  const project = projectIn(database, query.text("ProjectId"));
  const kind = query.text("ScheduleType");
  const statuses = query.texts("RunStatusList");
  const node = query.optional("NodeId");
  const found = Object.values(database.data.instances)
    .filter((instance) => {
      const of = database.node(instance.nodeId);
      if (of.project !== project || (of.schedule.kind === "manual") !== (kind === "MANUAL")) return false;
      if (node !== null && of.id !== node) return false;
      if (statuses !== null && !statuses.includes(instance.status)) return false;
      if (query.has("SchedulePaused") && query.is("SchedulePaused") !== instance.schedulePaused) return false;
      if (!within(dateOf(instance.dueTime), query.optional("MinRunDate"), query.optional("MaxRunDate"))) return false;
      return within(instance.bizDate, query.optional("MinBizDate"), query.optional("MaxBizDate"));
    })
    .toSorted((left, right) => left.dueTime - right.dueTime || (left.id < right.id ? -1 : 1));
  const { page, total } = pageOf(found, query.number("Page"), query.number("PageSize"));
  return { PageResult: { Data: page.map((instance) => describe(database, instance)), TotalCount: total } };
};

const getInstance: Operation = (input, { database }) => ({
  Instance: describe(database, instanceIn(database, projectIn(database, input.text("ProjectId")), input.text("InstanceId"))),
});

const getLog: Operation = (input, { database }) => {
  const instance = instanceIn(database, projectIn(database, input.text("ProjectId")), input.text("InstanceId"));
  return {
    TaskrunLogList: instance.taskruns.map(({ id, start, end, status, trigger, killedBy }) => ({
      TaskrunId: id,
      Status: status,
      StartTime: timeOf(start),
      ...(end === null ? {} : { EndTime: timeOf(end), Duration: `${String(Math.round((end - start) / 1_000))}s` }),
      LogContent: `${trigger}${killedBy === null ? "" : `; ended by ${killedBy}`}`,
    })),
  };
};

const operate: Operation = (input, { database, note }) => {
  const command = input.object("OperateCommand");
  const project = projectIn(database, command.text("ProjectId"));
  const operation = command.text("Operation");
  const apply = (instance: Instance): string | null => {
    switch (operation) {
      case "RERUN":
        return rerun(database, instance, { force: false, trigger: "RERUN" });
      case "PAUSE":
        return pause(instance, true);
      case "RESUME":
        return pause(instance, false);
      case "TERMINATE":
        return terminate(instance, "openapi");
      case "SET_SUCCESS":
        return setSuccess(instance);
      default:
        throw new ApiError("DPN.OP.InvalidOperation", `operation ${operation} is not supported`);
    }
  };
  const statuses = command.objects("InstanceIdList").map((each) => {
    const id = each.text("Id");
    try {
      const why = apply(instanceIn(database, project, id));
      if (why === null) note(`${operation}_INSTANCE`, id);
      return why === null ? { Id: id, Status: "SUCCESS" } : { Id: id, Status: "FAILED", ErrorMessage: why };
    } catch (error) {
      if (error instanceof ApiError && error.word === "DPN.OP.InstanceNotExist") return { Id: id, Status: "FAILED", ErrorMessage: error.message };
      throw error;
    }
  });
  return { InstanceStatusList: statuses };
};

/** A chain of runs in instances that there are: the root by force if that is wanted, the others as the scheduler would start them (facts 2.5). */
const fixData: Operation = (input, { database, note }) => {
  const command = input.object("FixDataCommand");
  const project = projectIn(database, command.text("ProjectId"));
  const root = instanceIn(database, project, command.object("RootInstanceId").text("Id"));
  const force = command.is("ForceRerun");
  if (command.is("ContainRootInstance")) {
    const why = rerun(database, root, { force, trigger: force ? "RERUN_FORCIBLY" : "RERUN" });
    if (why !== null) throw new ApiError("DPN.OP.InstanceStatusNotAllowed", why);
  }
  const range = command.optional("DownstreamRange");
  const listed = command.has("DownStreamInstanceIdList") ? command.objects("DownStreamInstanceIdList").map((each) => each.text("Id")) : [];
  const dag = new Dag(database);
  const chain = new Map<string, Instance>();
  const collect = (from: Instance): void => {
    for (const next of dag.downstream(from))
      if (!chain.has(next.id)) {
        chain.set(next.id, next);
        collect(next);
      }
  };
  if (range !== null || listed.length > 0) collect(root);
  for (const next of chain.values()) {
    const chosen = range === "ALL_INSTANCE" || (range === "ALL_FAILED_INSTANCE" && next.status === "FAILED") || listed.includes(next.id);
    if (chosen) rerun(database, next, { force: false, trigger: "AUTO_SCHEDULED" });
  }
  note("FIX_DATA", root.id);
  return { SubmitId: database.nextId() };
};

const upDownStream: Operation = (input, { database }) => {
  const instance = instanceIn(database, projectIn(database, input.text("ProjectId")), input.object("InstanceId").text("Id"));
  const dag = new Dag(database);
  const walk = (depth: number, next: (of: Instance) => readonly Instance[]): readonly Instance[] => {
    const found = new Map<string, Instance>();
    let layer: readonly Instance[] = [instance];
    for (let level = 0; level < depth; level += 1) {
      layer = layer.flatMap((each) => next(each)).filter(({ id }) => !found.has(id));
      for (const each of layer) found.set(each.id, each);
    }
    return [...found.values()];
  };
  const brief = (each: Instance): object => {
    const node = database.node(each.nodeId);
    return { Id: each.id, Name: node.name, NodeId: node.id, NodeType: "DATA_PROCESS" };
  };
  return {
    InstanceDagInfo: {
      StartInstanceList: [brief(instance)],
      UpInstanceList: walk(input.number("UpStreamDepth", 1), (each) => dag.upstream(each)).map(brief),
      DownInstanceList: walk(input.number("DownStreamDepth", 1), (each) => dag.downstream(each)).map(brief),
    },
  };
};

const pauseNodes =
  (paused: boolean): Operation =>
  (input, { database, note }) => {
    const command: Input = input.object(paused ? "PauseCommand" : "ResumeCommand");
    const project = projectIn(database, command.text("ProjectId"));
    const ids = command.texts("NodeIdList") ?? [];
    for (const id of ids)
      if (database.data.nodes[id]?.project !== project) throw new ApiError("DPN.OP.NodeNotExist", `node ${id} does not exist in project ${project}`);
    for (const id of ids) {
      pauseNode(database, id, paused);
      note(paused ? "PAUSE_TASK" : "RESUME_TASK", id);
    }
    return { Data: true };
  };

const executeManual: Operation = (input, { database, clock, note }) => {
  const command = input.object("ExecuteCommand");
  const project = projectIn(database, command.text("ProjectId"));
  const node = database.data.nodes[command.text("NodeId")];
  if (node === undefined || node.project !== project || node.schedule.kind !== "manual")
    throw new ApiError("DPN.OP.NodeNotExist", "there is no such manual node");
  const now = clock.now();
  const instance = addInstance(database, node, { dueTime: now, index: 1, now });
  note("EXECUTE_TASK", node.id);
  return { FlowId: instance.id };
};

const listProjects: Operation = (input, { database }) => {
  const query = input.object("ListQuery");
  const { page, total } = pageOf(database.data.projects, query.number("PageNo", 1), query.number("PageSize", 20));
  const list = page.map(({ id, name }) => ({ Id: Number(id), Name: name, DisplayName: name, Env: "PROD", Mode: "BASIC" }));
  return { PageResult: { ProjectList: list, TotalCount: total } };
};

export const instanceOperations: Readonly<Record<string, Operation>> = {
  ListProjects: listProjects,
  ListInstances: listInstances,
  GetPhysicalInstance: getInstance,
  GetPhysicalInstanceLog: getLog,
  OperateInstance: operate,
  FixData: fixData,
  GetInstanceUpDownStream: upDownStream,
  PausePhysicalNode: pauseNodes(true),
  ResumePhysicalNode: pauseNodes(false),
  ExecuteManualNode: executeManual,
};
