import { operand } from "../../script/operations.ts";
import { convert, typeNamed } from "../../script/convert.ts";
import { column, rowsOf, tableOf, type FunctionTable, type Table, type Value } from "../../script/values.ts";
import { int, nothing } from "../../value.ts";
import { ServerError } from "../node.ts";
import { decode, encode } from "../messages.ts";
import type { NodeProcess } from "../process.ts";
import { numberAt, textAt } from "./arguments.ts";

interface StreamTable {
  readonly isPersisted: boolean;
}
/** Made by streamTable and not shared yet. */
const NEW_STREAM = "\u0000stream";

/** Tables in the memory of one node, shared by name: stream tables and others. What is not persisted ends with the process (facts 5.3). */
export class SharedTables {
  readonly shared = new Map<string, Value>();
  readonly #streams = new Map<string, StreamTable>();
  readonly #process: NodeProcess;

  constructor(process: NodeProcess) {
    this.#process = process;
  }

  /** Null: it is not a shared table of this node. */
  insert(target: Value | undefined, rows: readonly Value[]): number | null {
    if (target?.form !== "table" || !this.shared.has(target.name)) return null;
    const [first] = rows;
    const sources = rows.length === 1 && first?.form === "table" ? first.columns : rows.map((value) => operand(value));
    const columns = target.columns.map((one, at) => {
      const source = sources[at];
      return { ...one, items: [...one.items, ...(source?.items ?? []).map((item) => convert(item, source?.type ?? one.type, one.type))] };
    });
    const changed: Table = { ...target, columns };
    this.shared.set(target.name, changed);
    if (this.#streams.get(target.name)?.isPersisted === true) this.#process.disk.write(this.#path(target.name), encode(changed));
    return rowsOf(changed) - rowsOf(target);
  }

  functions(): FunctionTable {
    return {
      streamTable: (_, args) => {
        const [names, types] = [operand(args[1] ?? nothing), operand(args[2] ?? nothing)];
        const columns = names.items.map((name, at) => column(String(name), typeNamed(String(types.items[at])) ?? "string", []));
        return { form: "table", name: NEW_STREAM, columns };
      },
      enableTableShareAndPersistence: (_, args) => {
        const [value, name] = [args[0], textAt(args, 1, "tableName")];
        if (value?.form !== "table") throw new ServerError("The argument table must be a stream table.");
        const kept = this.#process.disk.read(this.#path(name));
        this.shared.set(name, kept === null ? { ...value, name } : (decode(kept) as Table));
        this.#streams.set(name, { isPersisted: true });
        return nothing;
      },
      getStreamTables: (_, args) => {
        const option = args[0] === undefined ? 0 : numberAt(args, 0, "option");
        const rows = [...this.#allStreams()].filter(([name]) => {
          const isPersisted = this.#streams.get(name)?.isPersisted === true;
          return option === 0 || (option === 1) === isPersisted;
        });
        return tableOf(rows, {
          name: ["string", ([name]) => name],
          shared: ["bool", () => true],
          persisted: ["bool", ([name]) => this.#streams.get(name)?.isPersisted === true],
          cachePurgeEnabled: ["bool", () => false],
          loaded: ["bool", () => true],
          columns: ["int", ([, value]) => value.columns.length],
          rowsInMemory: ["long", ([, value]) => BigInt(rowsOf(value))],
          totalRows: ["long", ([, value]) => BigInt(rowsOf(value))],
          memoryUsed: ["long", ([, value]) => BigInt(rowsOf(value) * 64)],
        });
      },
      objs: () => {
        const rows = [...this.shared].flatMap(([name, value]) => (value.form === "table" ? [{ name, value }] : []));
        return tableOf(rows, {
          name: ["string", ({ name }) => name],
          type: ["string", ({ name }) => (this.#streams.has(name) ? "REALTIME" : "BASIC")],
          form: ["string", () => "TABLE"],
          rows: ["int", ({ value }) => rowsOf(value)],
          columns: ["int", ({ value }) => value.columns.length],
          bytes: ["long", ({ value }) => BigInt(rowsOf(value) * 64)],
          shared: ["bool", () => true],
          extra: ["string", () => ""],
        });
      },
      getStreamingStat: () => {
        const none = (...names: readonly string[]) =>
          ({ form: "table", name: "", columns: names.map((name) => column(name, "string", [])) }) as const;
        const parts = {
          pubConns: none("client", "queueDepthLimit", "queueDepth", "tables"),
          subConns: none("publisher", "cumMsgCount", "lastMsgTime"),
          pubTables: none("tableName", "subscriber", "msgOffset", "actions"),
          persistWorkers: none("workerId", "queueDepthLimit", "queueDepth", "tables"),
          subWorkers: none("workerId", "topic", "queueDepth", "processedMsgCount", "failedMsgCount", "lastErrMsg", "raftGroup"),
          udpPubTables: none("tableName", "channel"),
        };
        return {
          form: "dictionary",
          keys: { form: "vector", type: "string", items: Object.keys(parts) },
          values: { form: "tuple", items: Object.values(parts) },
        };
      },
      getStreamingRaftGroups: () =>
        tableOf(groupsOf(this.#process.setting("streamingRaftGroups", "")), {
          id: ["int", ({ id }) => id],
          sites: ["string", ({ sites }) => sites],
        }),
      getStreamingLeader: (_, args) => {
        const id = numberAt(args, 0, "groupId");
        const group = groupsOf(this.#process.setting("streamingRaftGroups", "")).find((one) => one.id === id);
        if (group === undefined) throw new ServerError(`The raft group [${String(id)}] does not exist on this node. RefId: S03020`);
        return { form: "scalar", type: "string", value: group.sites.split(",")[0] ?? "" };
      },
      dropStreamTable: (_, args) => {
        const name = textAt(args, 0, "tableName");
        this.shared.delete(name);
        this.#streams.delete(name);
        this.#process.disk.remove(this.#path(name));
        return int(1);
      },
    };
  }

  /** A stream table that was shared in any way. */
  #allStreams(): readonly (readonly [string, Table])[] {
    return [...this.shared].flatMap(([name, value]) => (value.form === "table" && this.#streams.has(name) ? [[name, value] as const] : []));
  }
  #path(name: string): string {
    return `${this.#process.setting("persistenceDir", `${this.#process.home}/persistence`)}/${name}`;
  }

  /** What a script shares as a name. */
  share(name: string, value: Value): void {
    if (value.form !== "table") throw new ServerError("Only tables can be shared.");
    if (value.name === NEW_STREAM) this.#streams.set(name, { isPersisted: false });
    this.shared.set(name, { ...value, name });
  }
}

/** `2:node1:node2:node3,3:...`: groups of stream tables with high availability, by the aliases of their members. */
function groupsOf(setting: string): readonly { readonly id: number; readonly sites: string }[] {
  return setting
    .split(",")
    .map((part) => part.trim().split(":"))
    .flatMap(([id, ...members]) => (id === undefined || id === "" || members.length === 0 ? [] : [{ id: Number(id), sites: members.join(",") }]));
}
