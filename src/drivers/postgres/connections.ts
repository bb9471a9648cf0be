// One open connection to each node. A look is a few milliseconds because nothing is connected again while the server lives.
import { Client, type QueryConfig } from "pg";
import { Refused, StillwaterError, Unreachable } from "../../model/errors.ts";

export interface Access {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Read when a connection is made; null: none is sent. */
  readonly password: (() => Promise<string>) | null;
  readonly tls: "off" | "require" | "verify";
}

export interface QueryOptions {
  /** Milliseconds for the answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** The server keeps the plan of a query with a name. */
  readonly name?: string;
  /** In a second session, which sets nothing for itself: there `pg_settings` shows the server's values of `ownSettings`. */
  readonly plain?: true;
}

/** What our sessions set for themselves, with the server's ending of a statement that nobody waits for any more. */
const sessionSettings = { jit: "off", synchronous_commit: "local", statement_timeout: "30000" } as const;
const sessionOptions = Object.entries(sessionSettings)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(" ");
export const ownSettings: ReadonlySet<string> = new Set(Object.keys(sessionSettings));
/** How settings of these names are asked for: a second session costs a connection, so only where ours would answer with its own. */
export const sessionFor = (names: readonly string[]): Pick<QueryOptions, "plain"> =>
  names.some((name) => ownSettings.has(name.toLowerCase())) ? { plain: true } : {};

const connectMs = 3_000;
const defaultTimeoutMs = 5_000;

interface Answered {
  readonly code: string;
  readonly message: string;
}
const sqlState = (error: unknown): Answered | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) && "severity" in error
    ? { code: error.code, message: error.message }
    : null;
const systemCode = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;

/** 57P01..57P03: the server stops or starts; 53300: no place for another connection. */
const notNow = (code: string): boolean => code.startsWith("57P0") || code === "53300";
const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `query_timeout` is known to the client, not to its types. */
function timed(text: string, values: readonly unknown[], milliseconds: number, name?: string): QueryConfig & { readonly query_timeout: number } {
  return { text, values: [...values], query_timeout: milliseconds, ...(name === undefined ? {} : { name }) };
}

interface Session {
  readonly node: string;
  readonly plain: boolean;
}
const keyOf = ({ node, plain }: Session): string => `${plain ? "plain" : "own"} ${node}`;

/** All connections of one driver. */
export class Connections {
  readonly #access: ReadonlyMap<string, Access>;
  readonly #open = new Map<string, Promise<Client>>();

  constructor(access: ReadonlyMap<string, Access>) {
    this.#access = access;
  }

  /**
   * A read. Throws Unreachable when no answer came (Refused when there is nobody to answer: connection refused, or the server is starting or
   * stopping), StillwaterError SW6001 with the server's words for an answer that is an error.
   */
  async read<T extends object>(node: string, sql: string, values: readonly unknown[] = [], options: QueryOptions = {}): Promise<readonly T[]> {
    const session: Session = { node, plain: options.plain === true };
    const had = this.#open.has(keyOf(session));
    try {
      return await this.#query<T>(session, sql, values, options);
    } catch (error) {
      // The connection that was kept is from before a restart: a read may be asked again at once.
      if (had && error instanceof Unreachable && !(error instanceof Refused)) return this.#query<T>(session, sql, values, options);
      throw error;
    }
  }

  async one<T extends object>(node: string, sql: string, values: readonly unknown[] = [], options: QueryOptions = {}): Promise<T> {
    const [row] = await this.read<T>(node, sql, values, options);
    if (row === undefined) throw new Unreachable(`${node} answered with no row`, { object: node });
    return row;
  }

  /**
   * An effect: sent at most once, ended at the deadline. Throws Refused when the server said no or was not there, Unreachable when the answer is missing.
   * A connection that is known to be stale is replaced before anything is sent.
   */
  async effect(node: string, sql: string, values: readonly unknown[], signal: AbortSignal, timeoutMs = 20_000): Promise<void> {
    await this.read(node, "select 1");
    signal.throwIfAborted();
    const session: Session = { node, plain: false };
    const client = await this.#connect(session);
    const stop = (): void => this.#drop(session, client);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await client.query(timed(sql, values, timeoutMs));
    } catch (error) {
      const answer = sqlState(error);
      if (answer !== null && !notNow(answer.code))
        throw new Refused(`${node} refused: ${answer.message}`, { object: node, why: [`${answer.code}: ${answer.message}`], cause: error });
      this.#drop(session, client);
      throw new Unreachable(`${node} did not answer: ${why(error)}`, { object: node, cause: error });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #query<T extends object>(session: Session, sql: string, values: readonly unknown[], options: QueryOptions): Promise<readonly T[]> {
    const { node } = session;
    const client = await this.#connect(session);
    try {
      const result = await client.query<T>(timed(sql, values, options.timeoutMs ?? defaultTimeoutMs, options.name));
      return result.rows;
    } catch (error) {
      const answer = sqlState(error);
      if (answer !== null && !notNow(answer.code))
        throw new StillwaterError("SW6001", `${node} answers with an error: ${answer.message}`, {
          object: node,
          why: [`${answer.code}: ${answer.message}`],
          cause: error,
        });
      this.#drop(session, client);
      throw new Unreachable(`${node} did not answer: ${why(error)}`, { object: node, cause: error });
    }
  }

  async #connect(session: Session): Promise<Client> {
    const key = keyOf(session);
    const kept = this.#open.get(key);
    if (kept) return kept;
    const connecting = this.#dial(session);
    this.#open.set(key, connecting);
    try {
      return await connecting;
    } catch (error) {
      if (this.#open.get(key) === connecting) this.#open.delete(key);
      throw error;
    }
  }

  async #dial(session: Session): Promise<Client> {
    const { node, plain } = session;
    const access = this.#access.get(node);
    if (!access) throw new StillwaterError("SW9999", `no endpoint is known for ${node}`, { object: node });
    const password = (await access.password?.()) ?? undefined;
    const client = new Client({
      host: access.host,
      port: access.port,
      user: access.user,
      database: access.database,
      ...(password === undefined ? {} : { password }),
      ssl: access.tls === "off" ? false : { rejectUnauthorized: access.tls === "verify" },
      connectionTimeoutMillis: connectMs,
      application_name: "stillwater",
      keepAlive: true,
      ...(plain ? {} : { options: sessionOptions }),
    });
    client.on("error", () => this.#drop(session, client));
    client.on("end", () => this.#drop(session, client));
    try {
      await client.connect();
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw unreachable(node, access, error);
    }
  }

  #drop(session: Session, client: Client): void {
    const key = keyOf(session);
    const kept = this.#open.get(key);
    if (kept)
      void kept.then(
        (open) => {
          if (open === client && this.#open.get(key) === kept) this.#open.delete(key);
        },
        () => undefined,
      );
    client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(all.map(async (client) => (await client).end()));
  }
}

function unreachable(node: string, access: Access, error: unknown): StillwaterError {
  const at = `${access.host}:${String(access.port)}`;
  const answer = sqlState(error);
  if (answer !== null) {
    if (notNow(answer.code)) return new Refused(`${node} (${at}) is not ready: ${answer.message}`, { object: node, cause: error });
    return new StillwaterError("SW6001", `${node} (${at}) refuses ${access.user}: ${answer.message}`, {
      object: node,
      why: [answer.code],
      cause: error,
    });
  }
  const code = systemCode(error);
  if (code === "ECONNREFUSED") return new Refused(`nobody listens on ${at} (${node})`, { object: node, cause: error });
  return new Unreachable(`${node} (${at}) does not answer: ${why(error)}`, { object: node, cause: error });
}
