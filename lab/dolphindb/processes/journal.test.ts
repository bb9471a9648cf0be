import { expect, it } from "vitest";
import { EchoEvaluator } from "../wire/testing/echo-evaluator.ts";
import { ServerError, type Session } from "../logic/node.ts";
import { nothing, text, type LabValue } from "../value.ts";
import { journaled } from "./journal.ts";

class Obedient extends EchoEvaluator {
  override async script(): Promise<LabValue> {
    return nothing;
  }
  override async call(session: Session, name: string, args: readonly LabValue[]): Promise<LabValue | null> {
    return name === "stopDataNode" ? nothing : super.call(session, name, args);
  }
}

it("notes logins and effects with who did them, refusals too, no reads and no password", async () => {
  const lines: string[] = [];
  const evaluator = journaled(new Obedient(), (level, line) => lines.push(`${level} ${line}`));
  const session = evaluator.session();
  await evaluator.login(session, "admin", "123456");
  await expect(evaluator.login(session, "admin", "secret")).rejects.toThrow(ServerError);
  await evaluator.call(session, "echo", [text("x")]);
  await evaluator.call(session, "stopDataNode", [text("node1")]);
  await evaluator.script(session, "select * from getClusterChunksStatus()");
  await evaluator.script(session, 'login("admin", "se\\"cret"); suspendRecovery()');
  const who = `session ${session.id}`;
  expect(lines).toEqual([
    `INFO ${who}: login of admin`,
    `ERROR ${who}: login of admin: The user name or password is incorrect. RefId: S04005`,
    `INFO ${who} of admin: stopDataNode`,
    `INFO ${who}: login("admin", "***"); suspendRecovery()`,
  ]);
});
