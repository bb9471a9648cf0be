import { NoReply } from "../../../kit/network.ts";
import { nothing, type Atom, type LabValue } from "../../value.ts";
import { operand } from "../../script/operations.ts";
import { column, rowsOf, wireValue, type Column, type FunctionTable, type Table, type Value } from "../../script/values.ts";
import type { NodeRow } from "../cluster-files.ts";
import { ServerError, type Evaluator, type Session } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { flagAt, textAt } from "./arguments.ts";

interface RemoteCall {
  readonly user: string | null;
  readonly name: string;
  readonly args: readonly LabValue[];
  readonly release: string;
}
export interface RemoteContext {
  readonly process: NodeProcess;
  /** All nodes as this one knows them. */
  readonly rows: () => readonly NodeRow[];
  readonly endpointOf: (alias: string) => string | null;
}
/** Real milliseconds. */
const TIMEOUT_MS = 60_000;

/** A function with the arguments that it has already. */
interface Callee {
  readonly name: string;
  readonly bound: readonly Value[];
}
function calleeOf(value: Value | undefined): Callee {
  if (value?.form === "function") return { name: value.name, bound: value.bound ?? [] };
  if (value?.form === "scalar" && typeof value.value === "string") return { name: value.value, bound: [] };
  if (value?.form === "tuple" && value.items[0] !== undefined) return { ...calleeOf(value.items[0]), bound: value.items.slice(1) };
  throw new ServerError("Usage: the function must be a function, or a tuple of one and its arguments.");
}
const major = (release: string): number => Number(release.split(".")[0] ?? 0);

/** rpc, remoteRun, pnodeRun (facts 2), and the side that is asked. */
export function remoteFunctions(context: RemoteContext): FunctionTable {
  const { process } = context;
  const ask = (session: Session, endpoint: string, { name, bound }: Callee, args: readonly Value[]): Promise<LabValue> =>
    process.ask<LabValue>(
      endpoint,
      "call",
      { user: session.user, name, args: [...bound, ...args].map(wireValue), release: process.component.release } satisfies RemoteCall,
      process.scaled(TIMEOUT_MS),
    );
  return {
    rpc: async (session, args) => {
      const alias = textAt(args, 0, "nodeAlias");
      const endpoint = context.endpointOf(alias);
      if (endpoint === null) throw new ServerError(`The node ${alias} does not exist.`);
      try {
        return await ask(session, endpoint, calleeOf(args[1]), args.slice(2));
      } catch (error) {
        if (!(error instanceof NoReply)) throw error;
        throw new ServerError(`Failed to call ${alias}: ${error.message}`);
      }
    },
    // Data nodes, and compute nodes outside of compute groups: never controllers and agents (facts 0.7).
    pnodeRun: async (session, args) => {
      const callee = calleeOf(args[0]);
      const wanted = args[1] === undefined || (args[1].form === "scalar" && args[1].value === null) ? null : operand(args[1]).items.map(String);
      const rows = context.rows().filter(({ role, computeGroup }) => role === "datanode" || (role === "computenode" && computeGroup === ""));
      const nodes = wanted === null ? rows : rows.filter(({ alias }) => wanted.includes(alias));
      if (wanted !== null && nodes.length < wanted.length) throw new ServerError("One of the nodes does not exist.");
      const answers = await Promise.all(
        nodes.map(async ({ alias, endpoint }) => {
          try {
            return { alias, value: await ask(session, endpoint, callee, []) };
          } catch (error) {
            // Nodes that are down are left out, without a word.
            if (error instanceof NoReply && error.failure === "refused") return null;
            throw error instanceof NoReply ? new ServerError(`Failed to call ${alias}: ${error.message}`) : error;
          }
        }),
      );
      return merged(
        answers.filter((answer) => answer !== null),
        args[2] === undefined || flagAt(args, 2),
      );
    },
  };
}

/** Lets other nodes call functions here. */
export function serveCalls(process: NodeProcess, face: Evaluator): void {
  process.on("call", async (body) => {
    const { user, name, args, release } = body as RemoteCall;
    const [own, other] = [major(process.component.release), major(release)];
    if (own !== other && Math.max(own, other) >= 3) throw new ServerError("Incompatible server versions. RefId: S00014");
    const session = face.session();
    session.user = user;
    try {
      return (await face.call(session, name, args)) ?? nothing;
    } finally {
      face.end?.(session);
    }
  });
}

function merged(answers: readonly { readonly alias: string; readonly value: LabValue }[], addsAlias: boolean): LabValue {
  const [first] = answers;
  if (first === undefined || answers.every(({ value }) => value.form === "scalar" && value.type === "void")) return nothing;
  const tables = answers.flatMap(({ alias, value }) => (value.form === "table" ? [{ alias, value }] : []));
  if (tables.length === answers.length) return union(tables, addsAlias);
  const nodes: string[] = [];
  const values: Atom[] = [];
  let type: Column["type"] = "any";
  for (const { alias, value } of answers) {
    const found = operand(value);
    if (found.type !== "void") type = found.type;
    for (const item of found.items) {
      nodes.push(alias);
      values.push(item);
    }
  }
  return { form: "table", name: "", columns: [column("node", "string", nodes), column("value", type, values)] };
}
function union(answers: readonly { readonly alias: string; readonly value: Table }[], addsAlias: boolean): LabValue {
  const shape = answers.find(({ value }) => rowsOf(value) > 0)?.value ?? answers[0]?.value;
  if (shape === undefined) return nothing;
  const columns = shape.columns.map((one, at) =>
    column(
      one.name,
      one.type,
      answers.flatMap(({ value }) => value.columns[at]?.items ?? []),
    ),
  );
  const nodes = answers.flatMap(({ alias, value }) => Array.from({ length: rowsOf(value) }, () => alias));
  return { form: "table", name: "", columns: addsAlias ? [column("node", "string", nodes), ...columns] : columns };
}
