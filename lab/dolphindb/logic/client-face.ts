import type { Evaluator, Session } from "./node.ts";
import { ServerError } from "./node.ts";
import type { NodeProcess } from "./process.ts";
import type { LabValue } from "../value.ts";
import { wireValue, type FunctionTable } from "../script/values.ts";

export interface ClientFaceOptions {
  readonly process: NodeProcess;
  readonly functions: FunctionTable;
  /** Throws ServerError. */
  readonly authenticate: (user: string, password: string) => void;
  /** Throws ServerError when nothing new is taken. */
  readonly admit: () => void;
}

/** What clients reach of a node, whatever carries their messages. */
export class ClientFace implements Evaluator {
  readonly #options: ClientFaceOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: ClientFaceOptions) {
    this.#options = options;
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }
  session(): Session {
    const id = String(Math.floor(this.#options.process.random() * 4_000_000_000) + 1);
    const session: Session = { id, user: null, variables: new Map() };
    this.#sessions.set(id, session);
    return session;
  }
  end(session: Session): void {
    this.#sessions.delete(session.id);
  }
  async login(session: Session, user: string, password: string): Promise<void> {
    this.#options.admit();
    this.#options.authenticate(user, password);
    session.user = user;
  }
  async call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
    this.#options.admit();
    const found = this.#options.functions[name];
    if (found === undefined) throw new ServerError(`Cannot recognize function: ${name}. RefId: S00015`);
    return wireValue(await found(session, args));
  }
  async script(_session: Session, text: string): Promise<LabValue | null> {
    this.#options.admit();
    throw new ServerError(`Syntax Error: the lab cannot parse ${text.slice(0, 80)}`);
  }
}
