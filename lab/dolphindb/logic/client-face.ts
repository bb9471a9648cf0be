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
  readonly shared: Pick<ScriptHost, "shared" | "share">;
}
const ANY_SESSION = 4_000_000_000;
const LONGEST_DESCRIPTION = 80;
interface Work {
  readonly id: string;
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What clients reach of a node, whatever carries their messages. */
export class ClientFace implements Evaluator {
  readonly #options: ClientFaceOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #createdAt = new Map<string, number>();
  readonly #interpreter: Interpreter;
  #next = 1;
  readonly #work = new Map<number, Work>();

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
      ...options.shared,
    });
  }

  get sessions(): readonly { readonly session: Session; readonly createdAt: number }[] {
    return [...this.#sessions.values()].map((session) => ({ session, createdAt: this.#createdAt.get(session.id) ?? 0 }));
  }
  /** Requests that are being worked on. */
  get work(): readonly Work[] {
    return [...this.#work.values()];
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
    return this.#run(name, () => this.#interpreter.call(session, name, args));
  }
  script(session: Session, text: string): Promise<LabValue | null> {
    return this.#run(text, () => this.#interpreter.script(session, text));
  }

  async #run(what: string, work: () => Promise<Value>): Promise<LabValue> {
    this.#options.admit();
    const id = this.#next++;
    this.#work.set(id, {
      id: `${this.#options.process.boot}-${String(id)}`,
      what: what.slice(0, LONGEST_DESCRIPTION),
      at: this.#options.process.clock.now(),
    });
    try {
      return wireValue(await work());
    } finally {
      this.#work.delete(id);
    }
  }
}
