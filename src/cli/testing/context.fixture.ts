import type { Workspace } from "../../usecases/workspace.ts";
import type { Context } from "../context.ts";
import { styleFor } from "../render/style.ts";
import type { TestIo } from "./io.fixture.ts";

/** What a command is given, over that workspace; `left` tells whether it wants to leave at once. */
export function contextOf(io: TestIo, workspace: Workspace): Context & { left: boolean } {
  return {
    io,
    json: false,
    style: styleFor(io.out, io.environment),
    workspace,
    parts: {},
    left: false,
    leaveAtOnce() {
      this.left = true;
    },
    print: (lines) => io.out.write(lines.map((line) => `${line}\n`).join("")),
    document: () => undefined,
  };
}

export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
};
