// The smallest thing behind a port: it gives back what it is given, so that a test sees the wire and nothing else.
import { ServerError, type Evaluator, type Session } from "../../logic/node.ts";
import { int, nothing, text, type LabValue } from "../../value.ts";

const number = (value: LabValue | undefined): number => (value?.form === "scalar" ? Number(value.value) : Number.NaN);

/** `echo(x)`, `add(a, b)`, `fail(message)`, `hang()`, `whoami()`, and variables by their name; admin's password is 123456. */
export class EchoEvaluator implements Evaluator {
  readonly calls: { readonly name: string; readonly args: readonly LabValue[] }[] = [];
  #sessions = 1_195_587_395;

  session(): Session {
    this.#sessions += 1;
    return { id: String(this.#sessions), user: null, variables: new Map() };
  }

  async call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
    this.calls.push({ name, args });
    switch (name) {
      case "echo":
        return args[0] ?? nothing;
      case "add": {
        const [a, b] = args;
        return a?.form === "scalar" && a.type === "double"
          ? { form: "scalar", type: "double", value: number(a) + number(b) }
          : int(number(a) + number(b));
      }
      case "whoami":
        return text(session.user);
      case "rpc":
      case "pnodeRun":
        return { form: "tuple", items: args };
      case "fail":
        throw new ServerError(args[0]?.form === "scalar" ? String(args[0].value) : "failed");
      case "hang":
        return null;
      default:
        throw new ServerError(`Cannot recognize function ${name}. RefId: S00015`);
    }
  }

  async script(session: Session, script: string): Promise<LabValue | null> {
    const variable = session.variables.get(script.trim());
    if (variable !== undefined) return variable;
    const sum = /^\s*(\d+)\s*\+\s*(\d+)\s*$/.exec(script);
    if (sum !== null) return int(Number(sum[1]) + Number(sum[2]));
    if (script.trim() === "") return nothing;
    const call = /^\s*(\w+)\(\)\s*$/.exec(script);
    if (call !== null) return this.call(session, call[1] ?? "", []);
    throw new ServerError(`Syntax Error: [line #1] Cannot recognize the token ${script.trim()}. RefId: S02001`);
  }

  async login(session: Session, user: string, password: string): Promise<void> {
    if (user !== "admin" || password !== "123456") throw new ServerError("The user name or password is incorrect. RefId: S04005");
    session.user = user;
  }
}
