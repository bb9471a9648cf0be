import type { LabValue } from "../value.ts";
import { Interpreter, type ScriptHost } from "../script/interpreter.ts";
import { wireValue, type FunctionTable, type TableHandle, type Value } from "../script/values.ts";
import { ServerError, type Evaluator, type Session } from "./node.ts";
import type { NodeProcess } from "./process.ts";
import { nothing } from "../value.ts";
import { textAt } from "./functions/arguments.ts";

export interface ClientFaceOptions {
  readonly process: NodeProcess;
  readonly functions: FunctionTable;
  /** Throws ServerError. */
  readonly authenticate: (user: string, password: string) => void;
  /** Throws ServerError when nothing new is taken. */
  readonly admit: () => void;
  /** Null: this node has no distributed tables. */
  readonly tables: Pick<ScriptHost, "readTable" | "deleteRows" | "insertRows" | "parameters"> | null;
  /** Shared by all sessions. */
  readonly shared: Map<string, Value>;
}
const ANY_SESSION = 4_000_000_000;

/** What clients reach of a node, whatever carries their messages. */
export class ClientFace implements Evaluator {
  readonly #options: ClientFaceOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #createdAt = new Map<string, number>();
  readonly #interpreter: Interpreter;
  #running = 0;

  constructor(options: ClientFaceOptions) {
    this.#options = options;
    const noTables = (handle: TableHandle): never => {
      throw new ServerError(`The table ${handle.table} can't be used on this node.`);
    };
    const tables = options.tables ?? {
      readTable: (handle) => Promise.resolve(noTables(handle)),
      deleteRows: (handle) => Promise.resolve(noTables(handle)),
      insertRows: (handle) => Promise.resolve(noTables(handle)),
      parameters: {},
    };
    this.#interpreter = new Interpreter({
      functions: {
        ...options.functions,
        login: async (session, args) => {
          await this.login(session, textAt(args, 0, "userId"), textAt(args, 1, "password"));
          return nothing;
        },
        logout: (session) => {
          session.user = null;
          return nothing;
        },
        getCurrentSessionAndUser: (session) => ({
          form: "tuple",
          items: [
            { form: "scalar", type: "long", value: BigInt(session.id) },
            { form: "scalar", type: "string", value: session.user ?? "guest" },
          ],
        }),
      },
      ...tables,
      shared: options.shared,
    });
  }

  get sessions(): readonly { readonly session: Session; readonly createdAt: number }[] {
    return [...this.#sessions.values()].map((session) => ({ session, createdAt: this.#createdAt.get(session.id) ?? 0 }));
  }
  /** Requests that are being worked on. */
  get running(): number {
    return this.#running;
  }
  session(): Session {
    const id = String(Math.floor(this.#options.process.random() * ANY_SESSION) + 1);
    const session: Session = { id, user: null, variables: new Map() };
    this.#sessions.set(id, session);
    this.#createdAt.set(id, this.#options.process.clock.now());
    return session;
  }
  end(session: Session): void {
    this.#sessions.delete(session.id);
    this.#createdAt.delete(session.id);
  }
  async login(session: Session, user: string, password: string): Promise<void> {
    this.#options.admit();
    this.#options.authenticate(user, password);
    session.user = user;
  }
  call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
    return this.#work(() => this.#interpreter.call(session, name, args));
  }
  script(session: Session, text: string): Promise<LabValue | null> {
    return this.#work(() => this.#interpreter.script(session, text));
  }

  async #work(work: () => Promise<Value>): Promise<LabValue> {
    this.#options.admit();
    this.#running += 1;
    try {
      return wireValue(await work());
    } finally {
      this.#running -= 1;
    }
  }
}
