// A schedule without what the server adds by itself: times, its state, versions of applications. Pure.
import type { Json } from "../../../model/json.ts";

type Tree = { readonly [key: string]: Json };
const isTree = (value: Json | undefined): value is Tree => value !== null && typeof value === "object" && !Array.isArray(value);

/** In the form that `PUT .../schedules/NAME` takes (facts 3.3). */
export function definitionOf(schedule: Json): Json {
  if (!isTree(schedule)) return schedule;
  const { name, description, program, trigger, properties, constraints, timeoutMillis } = schedule;
  return withoutVersions({
    name: name ?? null,
    description: description ?? "",
    program: program ?? null,
    trigger: trigger ?? null,
    properties: properties ?? {},
    constraints: constraints ?? [],
    timeoutMillis: timeoutMillis ?? null,
  });
}
function withoutVersions(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutVersions(item));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, held]) => (key === "version" || key === "applicationVersion" ? [] : [[key, withoutVersions(held)]])),
  );
}
