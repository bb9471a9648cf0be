// A question to a server for a precheck: answered, not known to its release, refused, malformed or unreachable are different verdicts, and only the first is an answer.
import { Unreachable } from "../../../model/errors.ts";
import type { Check } from "../../../model/facts.ts";
import { isUnknownFunction, Malformed, ServerRefused } from "../wire/errors.ts";
import { notMeasured } from "./check-kit.ts";

export type Asked<T> =
  | { readonly is: "answer"; readonly value: T }
  | { readonly is: "unknown-function" | "refused" | "malformed" | "unreachable"; readonly why: string };

/** `question` may also throw Malformed for an answer in another form than it expects. */
export async function asked<T>(question: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { is: "answer", value: await question() };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const why = error.message;
    if (isUnknownFunction(error)) return { is: "unknown-function", why };
    if (error instanceof Malformed) return { is: "malformed", why };
    return { is: error instanceof ServerRefused ? "refused" : "unreachable", why };
  }
}

/** No answer is no verdict: said, with what the server said. */
export function unanswered(code: string, object: string, what: string, { is, why }: Exclude<Asked<unknown>, { is: "answer" }>): Check {
  switch (is) {
    case "unknown-function":
      return notMeasured(code, object, `${what}: this release cannot tell (${why})`, { remedy: "Look at it by hand where it matters to you." });
    case "refused":
      return notMeasured(code, object, `${what}: ${why}`, { remedy: "Check that the user in the cluster file is an administrator." });
    case "malformed":
      return notMeasured(code, object, `${what}: ${why}`, { remedy: "What was answered is not what the vendor documents; see the node's log." });
    case "unreachable":
      return notMeasured(code, object, `${what}: ${why}`, { remedy: "See nodes-online." });
  }
}
