import type { Clock } from "../../kit/clock.ts";
import { NoReply, type Network } from "../../kit/network.ts";
import { ZooKeeperError, type ZooKeeperPort, type ZooKeeperSession } from "../../kit/zookeeper.ts";
import { authorizationOf } from "../logic/apiserver/authorization.ts";
import { Executor } from "../logic/apiserver/execute.ts";
import { statementOf, type Value } from "../logic/apiserver/statement.ts";
import { RpcFailure } from "../logic/brpc.ts";
import { realEndpoint } from "../logic/sdk/nameserver-client.ts";
import { call, type Answer, type Caller } from "../logic/sdk/rpc.ts";
import { Sdk } from "../logic/sdk/sdk.ts";
import { commandLineOf, wordsOf, type CommandLine } from "./command-line.ts";
import { nameserverCommand, type NameserverConnection } from "./nameserver-commands.ts";
import { textTable } from "./printer.ts";
import { tabletCommand } from "./tablet-commands.ts";

export interface CommandWorld {
  readonly network: Network;
  readonly clock: Clock;
  /** By --zk_cluster. */
  zookeeper(servers: string): ZooKeeperPort;
  /** Endpoint of the caller. */
  readonly from: string;
  /** Version of the binary. */
  readonly release: string;
}
export interface CommandResult {
  /** 0, whatever happened: that is the vendor's. */
  readonly code: 0;
  readonly stdout: string;
}

const SESSION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
const WARNING_PREVIEW = 100;

/** The `openmldb` command as clients use it: argument vectors and tables of facts 6.1. */
export async function openmldb(argv: readonly string[], world: CommandWorld): Promise<CommandResult> {
  const line = commandLineOf(argv);
  return { code: 0, stdout: await output(line, world) };
}

async function output(line: CommandLine, world: CommandWorld): Promise<string> {
  if (line.version) return `openmldb version ${world.release}\n`;
  switch (line.role) {
    case "ns_client":
      return await nsClient(line, world);
    case "client":
      return await tabletCommand(
        (method, request) => answer(callerOf(line, world), line.endpoint, "TabletServer", method, request),
        wordsOf(line.cmd),
      );
    case "sql_client":
      return await sqlClient(line, world);
    default:
      return `Start failed! FLAGS_role must be tablet, nameserver, client, ns_client or sql_client\n`;
  }
}

const callerOf = ({ user, password }: CommandLine, { network, from }: CommandWorld): Caller => ({
  network,
  from,
  authorization: authorizationOf({ user, password }),
  timeoutMs: REQUEST_TIMEOUT_MS,
});

/** What cannot be asked answers code -1, with words. */
async function answer<T extends Answer>(
  caller: Caller,
  to: string,
  service: "NameServer" | "TabletServer",
  method: string,
  request: object,
): Promise<T> {
  try {
    return await call<T>(caller, to, service, method, request);
  } catch (error) {
    if (error instanceof NoReply || error instanceof RpcFailure) return { code: -1, msg: `rpc error: ${error.message}` } as T;
    throw error;
  }
}

async function nsClient(line: CommandLine, world: CommandWorld): Promise<string> {
  if (line.endpoint !== "") return await nsCommand(line, world, line.endpoint, null);
  let session: ZooKeeperSession;
  try {
    session = await world.zookeeper(line.zkCluster).connect(SESSION_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof ZooKeeperError) return "zk client init failed\n";
    throw error;
  }
  try {
    const nameservers = await registered(session, line.zkRootPath);
    const [leader] = nameservers;
    if (leader === undefined) return "get children failed\n";
    return `ns leader: ${leader.endpoint}\n${await nsCommand(line, world, leader.real, nameservers)}`;
  } finally {
    await session.close();
  }
}

interface Registered {
  readonly endpoint: string;
  readonly real: string;
}
async function registered(session: ZooKeeperSession, root: string): Promise<readonly Registered[]> {
  const locks = (await session.children(`${root}/leader`)).filter((name) => name.startsWith("lock_request")).toSorted();
  const found: Registered[] = [];
  for (const lock of locks) {
    const endpoint = await session.get(`${root}/leader/${lock}`);
    if (endpoint !== null) found.push({ endpoint, real: await realEndpoint(session, root, endpoint) });
  }
  return found;
}

async function nsCommand(line: CommandLine, world: CommandWorld, endpoint: string, nameservers: readonly Registered[] | null): Promise<string> {
  const caller = callerOf(line, world);
  const ask = <T extends Answer>(method: string, request: object): Promise<T> => answer<T>(caller, endpoint, "NameServer", method, request);
  // A database that does not exist is not used, and nothing is said of it.
  const db = line.database !== "" && (await ask("UseDatabase", { db: line.database })).code === 0 ? line.database : "";
  const connection: NameserverConnection = { call: ask, nameservers: () => Promise.resolve(nameservers), db, now: () => world.clock.now() };
  return await nameserverCommand(connection, wordsOf(line.cmd));
}

async function sqlClient(line: CommandLine, world: CommandWorld): Promise<string> {
  const caller = callerOf(line, world);
  const sdk = new Sdk({
    caller,
    clock: world.clock,
    zookeeper: world.zookeeper(line.zkCluster),
    rootPath: line.zkRootPath,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    catalogRefreshMs: 0,
    log: () => undefined,
  });
  try {
    await sdk.connect();
    const executor = new Executor(sdk, caller, world.clock, line.zkRootPath);
    return `${await brokenTables(executor)}${await sqlOutput(executor, line)}`;
  } catch (error) {
    return `Error: ${error instanceof Error ? error.message : String(error)}\n`;
  } finally {
    await sdk.close();
  }
}

const cell = (value: Value | undefined): string => (value === null || value === undefined ? "NULL" : String(value));

async function sqlOutput(executor: Executor, line: CommandLine): Promise<string> {
  const result = await executor.run(line.database, statementOf(line.cmd));
  if (result === null) return "SUCCEED\n";
  return textTable(
    result.columns,
    result.data.map((row) => row.map(cell)),
  );
}

/** What the command says before anything else: tables that are not well. */
async function brokenTables(executor: Executor): Promise<string> {
  const result = await executor.run("", { kind: "show-table-status", like: "%" });
  const lines = (result?.data ?? []).flatMap((row) => {
    const [name, db, unalive, warnings] = [row[1], row[2], row[8], row[13]].map(cell);
    if (unalive === "0" && warnings === "") return [];
    const [first = ""] = (warnings ?? "").split("\n");
    const preview = first.slice(0, WARNING_PREVIEW);
    return [
      `ERROR: table ${db}.${name} is broken, \`show table status\` to check detail, unalive partition: ${unalive}, warning preview: ${preview}`,
    ];
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\nHINT: Use \`openmldb_tool inspect\` to get full report.\n`;
}
