// A command of the operator's, run on a host apart from us: what became of it is read from the host, also by a process that never knew that it had begun.
import type { Acting } from "../../../model/driver.ts";
import type { StillwaterError } from "../../../model/errors.ts";
import type { Host } from "../../../model/host.ts";

/** Kept before the first act: names the command's tries on the host, `NAME-1`, `NAME-2`, ... */
export type CommandName = { readonly name: string };
export const commandNamed = (what: string, now: number): CommandName => ({ name: `${what.replaceAll(/[^A-Za-z0-9.-]/g, "-")}-${String(now)}` });

/** Of its last try. */
export type CommandState =
  | { readonly is: "absent" | "ended"; readonly attempt: number; readonly said: string }
  | { readonly is: "running"; readonly attempt: number; readonly said: string }
  | { readonly is: "failed"; readonly attempt: number; readonly how: string };

export async function commandState(host: Host, { name }: CommandName): Promise<CommandState> {
  let last: CommandState = { is: "absent", attempt: 0, said: "" };
  for (let attempt = 1; ; attempt++) {
    const state = await host.detached(`${name}-${String(attempt)}`);
    if (state.is === "absent") return last;
    const said = lastLine(state.output);
    if (state.is === "running") last = { is: "running", attempt, said };
    else if (state.is === "exited" && state.code === 0) last = { is: "ended", attempt, said };
    else {
      const how = state.is === "exited" ? `ended with ${String(state.code)}` : "vanished, its host may have restarted";
      last = { is: "failed", attempt, how: saying(how, said) };
    }
  }
}

/** The try whose failure a person is told of. */
export type Told = { readonly failed: number };
export interface Begin {
  readonly host: Host;
  readonly named: CommandName;
  readonly argv: readonly string[];
  readonly receipt: Told | null;
  /** What a person reads of a try that has failed. */
  readonly failure: (how: string) => StillwaterError;
}

/** The tries of one command: never one after a failure without a person, who is told first; what he resumes then is another process. */
export class Tries {
  readonly #told = new Set<string>();

  async begin({ host, named, argv, receipt, failure }: Begin, context: Acting): Promise<Told | null> {
    const state = await commandState(host, named);
    const next = `${named.name}-${String(state.attempt + 1)}`;
    if (state.is === "running" || state.is === "ended") return receipt;
    if (state.is === "failed") {
      if (receipt?.failed !== state.attempt) {
        this.#told.add(next);
        return { failed: state.attempt };
      }
      if (this.#told.has(next)) throw failure(state.how);
    }
    await context.send(host.name, (fence) => host.runDetached(fence, next, [...argv]));
    return receipt;
  }
}

/** What it has said last, behind what is told of it; a command may say nothing for a long time. */
export const saying = (told: string, said: string): string => (said === "" ? told : `${told}: ${said}`);
export const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
