import type { ZodObject, ZodType } from "zod";

/**
 * The keys that a cluster file may have for one system, as zod schemas, so that each problem carries its line and column. A schema must
 * accept its own output: a cluster file is written from what was read. Unknown keys are refused unless the schema is a loose one.
 */
export interface SystemKeys {
  /** Keys of a node beside `host`, `endpoint` and `service`. */
  readonly node: ZodObject;
  /** Keys under `options:`. */
  readonly cluster: ZodObject;
  /** Form of a node's endpoint. Absent: HOST:PORT. */
  readonly endpoint?: ZodType<string>;
}
