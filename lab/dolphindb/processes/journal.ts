// What clients did to a server, in its own log: logins, and functions with an effect. Reads are not worth a line.
import type { Evaluator } from "../logic/node.ts";
import { ServerError } from "../logic/node.ts";

/** Names of functions that change something (facts 2), wherever they stand. */
const EFFECTS =
  /\b(?:start|stop)DataNode|\b(?:suspend|resume)Recovery|\bset(?:DatanodeRestartInterval|DynamicConfig|RaftElectionTick)|\bcancel\w+|\b(?:drop|create)\w+|\bsave\w+|\breload\w+|\b(?:re)?(?:store|backup)\w*\(|\b(?:move|copy|delete)Replicas|\brebalance\w+|\bflush\w+Cache|\breset\w+|\btriggerNodeReport|\bforce\w+|\bloadPlugin|\binstallPlugin|\bclose\w+|^login|\blogin\(/;
const LONGEST = 200;

const withoutSecrets = (text: string): string => text.replaceAll(/(login\(\s*"[^"]*"\s*,\s*)"(?:[^"\\]|\\.)*"/g, '$1"***"');

export function journaled(evaluator: Evaluator, log: (level: "INFO" | "ERROR", line: string) => void): Evaluator {
  const noted = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      const value = await work();
      log("INFO", what);
      return value;
    } catch (error) {
      if (error instanceof ServerError) log("ERROR", `${what}: ${error.message}`);
      throw error;
    }
  };
  return {
    session: () => evaluator.session(),
    end: (session) => evaluator.end?.(session),
    login: (session, user, password) => noted(`session ${session.id}: login of ${user}`, () => evaluator.login(session, user, password)),
    call: (session, name, args) => {
      const work = () => evaluator.call(session, name, args);
      return EFFECTS.test(name) ? noted(`session ${session.id} of ${session.user ?? "guest"}: ${name}`, work) : work();
    },
    script: (session, script) => {
      const work = () => evaluator.script(session, script);
      if (!EFFECTS.test(script)) return work();
      return noted(`session ${session.id}: ${withoutSecrets(script).replaceAll(/\s+/g, " ").slice(0, LONGEST)}`, work);
    },
  };
}
