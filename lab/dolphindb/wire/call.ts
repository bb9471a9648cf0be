import type { Evaluator, Session } from "../logic/node.ts";
import { nothing, type LabValue } from "../value.ts";

/** A function by its name; `login(user, password[, encrypted])` is one, too. Throws ServerError. Null: the connection is closed without a word. */
export async function callFunction(evaluator: Evaluator, session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
  const [user, password] = args.map((arg) => (arg.form === "scalar" && typeof arg.value === "string" ? arg.value : null));
  if (name !== "login" || user === undefined || user === null) return evaluator.call(session, name, args);
  await evaluator.login(session, user, password ?? "");
  return nothing;
}
