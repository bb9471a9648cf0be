import type { TaskInfo } from "../tablet-messages.ts";
import type { Context } from "./context.ts";
import { changeLeader, selectLeader, updateLeaderInfo, type TaskEnd } from "./leader-tasks.ts";
import type { Operation, OwnTask, Task, TabletTask } from "./operation.ts";
import type { Operations } from "./operations.ts";
import { recoverTable } from "./recover-table-task.ts";
import { addTableInfo, checkBinlogSyncProgress, delTableInfo, updatePartitionStatus, updateTableInfo } from "./table-info-tasks.ts";

/** Begins the task. A tablet's task is begun when this ends, and over when a poll of the tablet says so; the nameserver's own is over. */
export async function runTask(context: Context, operations: Operations, task: Task, operation: Operation): Promise<void> {
  const { delayMs, fails } = context.faults.ofTask(task.work.type, operation.info.work.op_type);
  if (delayMs > 0)
    await new Promise<void>((resolve) => {
      context.surroundings.clock.after(delayMs, resolve);
    });
  if (fails) {
    task.status = "kFailed";
    return;
  }
  const { work } = task;
  if ("endpoint" in work) {
    const begun = await begin(context, work, operation);
    if (!begun) task.status = "kFailed";
    operations.noteSent(task);
    return;
  }
  const end = await ownTask(context, operations, operation, work, () => context.running && task.status === "kDoing");
  // Canceled meanwhile: that stays.
  if (task.status === "kDoing") task.status = end;
}

async function begin(context: Context, work: TabletTask, { info }: Operation): Promise<boolean> {
  const task_info: TaskInfo = { op_id: info.op_id, op_type: info.work.op_type, task_type: work.type, status: "kDoing" };
  const does = (method: string, request: object): Promise<boolean> => context.client.does(work.endpoint, method, { ...request, task_info });
  switch (work.type) {
    case "kMakeSnapshot":
    case "kPauseSnapshot":
    case "kRecoverSnapshot":
    case "kDropTable":
      return await does(work.type.slice(1), { tid: work.tid, pid: work.pid });
    case "kSendSnapshot":
    case "kAddReplica":
    case "kDelReplica":
      return await does(work.type.slice(1), { tid: work.tid, pid: work.pid, endpoint: work.to });
    case "kLoadTable":
      return await does("LoadTable", { table_meta: work.meta });
  }
}

async function ownTask(context: Context, operations: Operations, operation: Operation, work: OwnTask, goesOn: () => boolean): Promise<TaskEnd> {
  switch (work.type) {
    case "kSelectLeader":
      return await selectLeader(context, operation);
    case "kChangeLeader":
      return await changeLeader(context, operation);
    case "kUpdateLeaderInfo":
      return await updateLeaderInfo(context, operation);
    case "kRecoverTable":
      return await recoverTable(context, operations, operation);
    case "kAddTableInfo":
      return await addTableInfo(context, operation, work.replica);
    case "kDelTableInfo":
      return await delTableInfo(context, operation, work.replica);
    case "kUpdateTableInfo":
      return await updateTableInfo(context, operation, work.from, work.to);
    case "kUpdatePartitionStatus":
      return await updatePartitionStatus(context, operation, work);
    case "kCheckBinlogSyncProgress":
      return await checkBinlogSyncProgress(context, operation, { replica: work.replica, delta: work.offset_delta, goesOn });
  }
}
