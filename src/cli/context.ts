import type { Command } from "commander";
import type { ExitName } from "../model/errors.ts";
import type { Workspace, WorkspaceParts } from "../usecases/workspace.ts";
import type { Io } from "./io.ts";
import type { Style } from "./render/style.ts";

/** What a command is given. */
export interface Context {
  readonly io: Io;
  /** Standard output is one JSON document. */
  readonly json: boolean;
  readonly style: Style;
  /** Closed by the program when the command has ended. */
  readonly workspace: Workspace;
  /** Set by tests. */
  readonly parts: Partial<WorkspaceParts>;
  /** Nothing is closed any more, because closing waits for what is under way: the process ends as soon as the command returns. */
  leaveAtOnce(): void;
  /** One line, or many, on standard output; nothing with `--json`. */
  print(lines: readonly string[]): void;
  /** The one JSON document. */
  document(value: unknown): void;
}

/** A verb: declares its flags, calls one use case, renders. Returns the exit code. */
export interface Verb<Options> {
  configure(command: Command): Command;
  readonly examples: readonly string[];
  readonly exits: readonly ExitName[];
  /** Flags that it did not declare reach it as arguments: it says itself which are wrong. */
  readonly strangeFlags?: true;
  run(context: Context, args: readonly string[], options: Options): Promise<number>;
}
export type AnyVerb = Verb<Readonly<Record<string, unknown>>>;

/** Options are what `configure` declared: the parser gives exactly these. */
export const defineVerb = <Options>(verb: Verb<Options>): AnyVerb => verb as unknown as AnyVerb;
