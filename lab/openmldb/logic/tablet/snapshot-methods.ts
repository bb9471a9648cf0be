import { NoReply } from "../../../kit/network.ts";
import { callRpc, method, RpcFailure, type Method } from "../brpc.ts";
import type { ManifestReply, TaskRequest } from "../tablet-messages.ts";
import {
  ADD_TASK_FAILED,
  OK,
  SNAPSHOT_IS_NOT_PAUSED,
  SNAPSHOT_IS_SENDING,
  TABLE_ALREADY_EXISTS,
  TABLE_DOES_NOT_EXIST,
  TABLE_IS_FOLLOWER,
  TABLE_IS_NOT_NORMAL,
  type Answer,
} from "./codes.ts";
import type { TabletContext } from "./context.ts";
import { Rows } from "./rows.ts";
import { PARTITION, STORED, TASK, type StoredPartitionRequest } from "./shapes.ts";
import type { Table } from "./table.ts";
import { NO_SNAPSHOT } from "./table-files.ts";

const SNAPSHOT_DOES_NOT_EXIST: Answer = { code: 111, msg: "snapshot does not exist" };

/** One file of a partition, to the tablet that shall have a replica of it. */
interface SendDataRequest extends StoredPartitionRequest {
  readonly file_name: string;
  readonly data: string;
}
interface MakeSnapshotRequest extends TaskRequest {
  readonly offset?: number;
}

export function snapshotMethods(context: TabletContext): Readonly<Record<string, Method>> {
  const sending = new Set<string>();
  return {
    PauseSnapshot: method(PARTITION, TASK, (request: TaskRequest) =>
      stateTask(context, request, (table) => {
        if (table.state === "kSnapshotPaused") return OK;
        if (table.state !== "kTableNormal") return TABLE_IS_NOT_NORMAL;
        table.state = "kSnapshotPaused";
        return OK;
      }),
    ),
    RecoverSnapshot: method(PARTITION, TASK, (request: TaskRequest) =>
      stateTask(context, request, (table) => {
        if (table.state === "kTableNormal") return OK;
        if (table.state !== "kSnapshotPaused") return SNAPSHOT_IS_NOT_PAUSED;
        table.state = "kTableNormal";
        return OK;
      }),
    ),
    SendSnapshot: method({ ...PARTITION, endpoint: "string" }, TASK, ({ tid, pid, endpoint = "", task_info }: TaskRequest) => {
      const end = context.tasks.begin(task_info);
      if (end === null) return ADD_TASK_FAILED;
      const table = context.table(tid, pid);
      const key = `${endpoint} ${String(tid)}_${String(pid)}`;
      const refusal = refusalOfSending(table, sending.has(key));
      if (table === null || refusal !== null) {
        end("kFailed");
        return refusal ?? TABLE_DOES_NOT_EXIST;
      }
      sending.add(key);
      void sendSnapshot(context, table, endpoint).then((sent) => {
        sending.delete(key);
        end(sent ? "kDone" : "kFailed");
      });
      return OK;
    }),
    SendData: method({ ...PARTITION, file_name: "string", data: "string" }, STORED, (request: SendDataRequest) => {
      const { tid, pid, storage_mode, file_name, data } = request;
      if (context.table(tid, pid) !== null) return TABLE_ALREADY_EXISTS;
      context.files.write(context.files.directory(tid, pid, storage_mode), file_name, data);
      return OK;
    }),
    MakeSnapshot: method(PARTITION, { ...TASK, offset: "number" }, ({ tid, pid, offset = 0, task_info }: MakeSnapshotRequest) => {
      const end = context.tasks.begin(task_info);
      if (end === null) return ADD_TASK_FAILED;
      const table = context.table(tid, pid);
      if (table?.state !== "kTableNormal") {
        end("kFailed");
        return table === null ? SNAPSHOT_DOES_NOT_EXIST : TABLE_IS_NOT_NORMAL;
      }
      void makeSnapshot(context, table, offset).then(() => {
        end("kDone");
      });
      return OK;
    }),
    GetManifest: method(PARTITION, STORED, ({ tid, pid, storage_mode }: StoredPartitionRequest): ManifestReply => {
      const directory = context.files.directory(tid, pid, storage_mode);
      return { ...OK, manifest: context.files.manifest(directory) ?? NO_SNAPSHOT };
    }),
    GetAllSnapshotOffset: method({}, {}, () => ({ code: 0, tables: snapshotOffsets(context) })),
  };
}

/** A task that is done when its answer is sent. */
async function stateTask(context: TabletContext, { tid, pid, task_info }: TaskRequest, act: (table: Table) => Answer): Promise<Answer> {
  const end = context.tasks.begin(task_info);
  if (end === null) return ADD_TASK_FAILED;
  await context.sleep(context.component.durations.task);
  const table = context.table(tid, pid);
  const answer = table === null ? TABLE_DOES_NOT_EXIST : act(table);
  end(answer.code === 0 ? "kDone" : "kFailed");
  return answer;
}

function refusalOfSending(table: Table | null, isSending: boolean): Answer | null {
  if (table === null) return TABLE_DOES_NOT_EXIST;
  if (!table.leads) return TABLE_IS_FOLLOWER;
  if (table.state !== "kSnapshotPaused") return SNAPSHOT_IS_NOT_PAUSED;
  return isSending ? SNAPSHOT_IS_SENDING : null;
}

/** The last snapshot that was made, if any: what came after it is the log's. False: the other tablet did not take it. */
async function sendSnapshot(context: TabletContext, table: Table, endpoint: string): Promise<boolean> {
  const { files, surroundings, component, flags } = context;
  const manifest = files.manifest(table.directory);
  await context.work(manifest?.count ?? 0);
  const names = ["table_meta.txt", ...(manifest === null ? [] : [`snapshot/${manifest.name}`, "snapshot/MANIFEST"])];
  for (const file_name of names) {
    const data = files.read(table.directory, file_name);
    if (data === null) return false;
    const request: SendDataRequest = { tid: table.tid, pid: table.pid, storage_mode: table.meta.storage_mode, file_name, data };
    try {
      const answer = await callRpc<Answer>(
        surroundings.network,
        component.endpoint,
        endpoint,
        "TabletServer/SendData",
        request,
        flags.requestTimeout,
      );
      if (answer.code !== 0) return false;
    } catch (error) {
      if (error instanceof NoReply || error instanceof RpcFailure) return false;
      throw error;
    }
  }
  surroundings.log("INFO", `send snapshot success. endpoint ${endpoint} tid ${String(table.tid)} pid ${String(table.pid)}`);
  return true;
}

/** `endOffset` 0: all that is there, if it is enough since the last one. */
async function makeSnapshot(context: TabletContext, table: Table, endOffset: number): Promise<void> {
  if (endOffset === 0 && table.offset < table.snapshotOffset + context.flags.makeSnapshotThresholdOffset) return;
  table.state = "kMakingSnapshot";
  const rows = new Rows();
  const manifest = context.files.manifest(table.directory) ?? NO_SNAPSHOT;
  for (const row of manifest.name === "" ? [] : (context.files.snapshot(table.directory, manifest) ?? [])) rows.apply(row);
  let offset = manifest.offset;
  for (const entry of table.binlog.entries) {
    if (entry.logIndex <= offset || (endOffset > 0 && entry.logIndex > endOffset)) continue;
    rows.apply(entry);
    offset = entry.logIndex;
  }
  const term = table.term;
  await context.work(rows.count);
  if (context.table(table.tid, table.pid) !== table) return;
  context.files.writeSnapshot(table.directory, rows.all(), offset, term);
  table.snapshotOffset = offset;
  table.binlog.roll(table.offset);
  // A follower that has not read so far needs the files.
  table.binlog.deleteUpTo(Math.min(offset, ...table.nodes.map((node) => node.lastSyncOffset)));
  table.state = "kTableNormal";
}

function snapshotOffsets(context: TabletContext): readonly object[] {
  const byTable = new Map<number, { readonly pid: number; readonly offset: number }[]>();
  for (const { tid, pid, directory } of context.tables()) {
    const parts = byTable.get(tid) ?? [];
    parts.push({ pid, offset: context.files.manifest(directory)?.offset ?? 0 });
    byTable.set(tid, parts);
  }
  return [...byTable].map(([tid, parts]) => ({ tid, parts }));
}
