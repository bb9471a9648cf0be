import type { Value } from "./values.ts";

export interface Argument {
  /** Null: by position. */
  readonly name: string | null;
  readonly value: Expression;
}
export interface SelectItem {
  readonly value: Expression;
  /** Null: the server finds a name. */
  readonly as: string | null;
}
export interface Select {
  readonly is: "select";
  /** exec: a vector or a scalar instead of a table. */
  readonly exec: boolean;
  readonly top: Expression | null;
  /** Empty: all columns. */
  readonly items: readonly SelectItem[];
  readonly from: Expression;
  readonly where: readonly Expression[];
  readonly groupBy: readonly SelectItem[];
  readonly orderBy: readonly { readonly value: Expression; readonly descending: boolean }[];
  readonly limit: Expression | null;
}
export type Expression =
  | { readonly is: "literal"; readonly value: Value }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "list"; readonly tuple: boolean; readonly items: readonly Expression[] }
  | { readonly is: "call"; readonly callee: Expression; readonly arguments: readonly Argument[] }
  /** `f{a, b}`; a hole is null. */
  | { readonly is: "partial"; readonly callee: Expression; readonly arguments: readonly (Expression | null)[] }
  | { readonly is: "member"; readonly object: Expression; readonly name: string }
  | { readonly is: "index"; readonly object: Expression; readonly at: Expression }
  | { readonly is: "unary"; readonly operator: string; readonly operand: Expression }
  | { readonly is: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly is: "star" }
  | { readonly is: "lambda"; readonly parameters: readonly string[]; readonly body: Expression }
  | Select;
export type Statement =
  | { readonly is: "expression"; readonly value: Expression }
  | { readonly is: "assign"; readonly name: string; readonly value: Expression }
  | { readonly is: "share"; readonly value: Expression; readonly name: string }
  | { readonly is: "delete"; readonly from: Expression; readonly where: readonly Expression[] }
  | { readonly is: "insert"; readonly into: Expression; readonly columns: readonly string[]; readonly values: readonly Expression[] }
  | { readonly is: "if"; readonly condition: Expression; readonly consequence: readonly Statement[]; readonly otherwise: readonly Statement[] }
  | { readonly is: "use"; readonly module: string };
