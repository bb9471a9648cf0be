// The engine looks many times a second; the OpenAPI throttles by operation and tenant. So what was found a moment ago is told again, unless it asks for an act.
import type { Look } from "../../../model/driver.ts";
import type { Facts } from "../../../model/facts.ts";
import type { Json } from "../../../model/json.ts";
import type { NamedOperation } from "../../../planner/kit.ts";

/** ms for which an answer is told again. What is held is looked at for its whole time, and only to see whether somebody took it away. */
const goodFor = { waiting: 1_000, done: 5_000, open: 0, expand: 0, unclear: 0 } as const satisfies Record<Look["is"], number>;

export function paced<F extends Facts, P extends Json>(named: NamedOperation<F, P>): NamedOperation<F, P> {
  const { operation } = named;
  const found = new Map<string, { readonly look: Look; readonly at: number }>();
  return {
    ...named,
    operation: {
      ...operation,
      async look(params, memory, context) {
        // Of another step, or after another answer, nothing of before counts.
        const key = JSON.stringify([params, memory.receipt]);
        const last = found.get(key);
        if (last !== undefined && context.now - last.at < goodFor[last.look.is]) return last.look;
        const now = await operation.look(params, memory, context);
        found.set(key, { look: now, at: context.now });
        return now;
      },
    },
  };
}
