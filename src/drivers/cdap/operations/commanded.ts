// A command of the operator's, run on a host apart from us: what became of it is read from the host, also by a process that never knew that it had begun.
import type { Acting } from "../../../model/driver.ts";
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
      last = { is: "failed", attempt, how: said === "" ? how : `${how}: ${said}` };
    }
  }
}

/** Begins it; once more when the last try has failed, because a person wants that. One that runs, or has ended well, is left alone. */
export async function beginCommand(host: Host, named: CommandName, argv: readonly string[], context: Acting): Promise<void> {
  const { is, attempt } = await commandState(host, named);
  if (is === "running" || is === "ended") return;
  await context.send(host.name, (fence) => host.runDetached(fence, `${named.name}-${String(attempt + 1)}`, [...argv]));
}

export const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
