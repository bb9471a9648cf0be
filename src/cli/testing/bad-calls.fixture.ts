import { readFileSync } from "node:fs";
import type { Place } from "./call.fixture.ts";

/** The files that the bad calls name. */
export function badFiles(place: Place): void {
  const cluster = readFileSync(`${place.directory}/cluster.yaml`, "utf8");
  place.file("torn.json", '{"version": 1, "cluster": ');
  place.file("newer.json", '{"version": 9}');
  place.file("not-a-release.tar.gz", "something else");
  place.file("unknown-key.yaml", cluster.replace("policy:", "polizy:"));
  place.file("tabs.yaml", "cluster:\n\torders");
  place.file("empty.yaml", "");
  place.file("other.yaml", cluster.replace("system: quarry", "system: qarry"));
}

export type BadCall = readonly [what: string, args: readonly string[], code: number, error: string, says: string];
/** What is wrong, the call, its exit code, its error, and words that the answer must hold. */
export const badCalls: readonly BadCall[] = [
  ["no such verb", ["aply"], 2, "SW1001", "Did you mean apply?"],
  ["no such verb, far from all", ["frobnicate"], 2, "SW1001", "stillwater --help"],
  ["no such flag", ["status", "--jsn"], 2, "SW1001", "--json"],
  ["no such flag before the verb", ["--verbose", "status"], 2, "SW1001", "--verbose"],
  ["a flag without its value", ["plan", "--to"], 2, "SW1001", "--to"],
  ["an argument too few", ["show"], 2, "SW1001", "plan"],
  ["an argument too many", ["history", "everything"], 2, "SW1001", "argument"],
  ["no such mode", ["plan", "--to", "1", "--mode", "no-downtime"], 2, "SW1001", "zero-downtime"],
  ["a setting without a value", ["plan", "--set", "depth"], 2, "SW1001", "KEY=VALUE"],
  ["a setting twice", ["plan", "--set", "a=1", "--set", "a=2"], 2, "SW1001", "twice"],
  ["a setting set and unset", ["plan", "--set", "a=1", "--unset", "a"], 2, "SW1001", "both set and unset"],
  ["a plan for nothing", ["plan"], 2, "SW1001", "--restart"],
  ["a plan for a node that is not there", ["plan", "--restart", "--only", "n1,n9"], 2, "SW1001", "n1, n2, n3"],
  ["an override without a reason", ["plan", "--restart", "--override", "QU-1"], 2, "SW1006", "--reason"],
  ["an override of nothing", ["plan", "--restart", "--override", "QU-9", "--reason", "x"], 2, "SW1001", "QU-9"],
  ["an artefact that is not there", ["plan", "--artifact", "nowhere.tar.gz"], 2, "SW1203", "nowhere.tar.gz"],
  ["an artefact of something else", ["plan", "--artifact", "not-a-release.tar.gz"], 2, "SW1205", "not-a-release.tar.gz"],
  ["an artefact of another version", ["plan", "--to", "18.0", "--artifact", "quarry-17.10.tar.gz"], 2, "SW1206", "17.10"],
  ["nothing to do", ["plan", "--to", "17.0"], 3, "SW2109", "already"],
  ["no such cluster file", ["inspect", "--cluster", "nowhere.yaml"], 2, "SW1101", "nowhere.yaml"],
  ["a cluster file that is a directory", ["inspect", "--cluster", "."], 2, "SW1101", "cannot be read"],
  ["a cluster file with an unknown key", ["inspect", "--cluster", "unknown-key.yaml"], 2, "SW1102", "polizy"],
  ["a cluster file that is not YAML", ["inspect", "--cluster", "tabs.yaml"], 2, "SW1102", "tabs.yaml:2"],
  ["an empty cluster file", ["inspect", "--cluster", "empty.yaml"], 2, "SW1102", "empty"],
  ["a cluster file of an unknown system", ["inspect", "--cluster", "other.yaml"], 2, "SW1103", "qarry"],
  ["an init over a file that is there", ["init", "quarry", "quarry.json"], 2, "SW1105", "cluster.yaml"],
  ["an init of an unknown system", ["init", "mysql", "db1:3306"], 2, "SW1103", "quarry"],
  ["an init of a cluster that is not there", ["init", "quarry", "nowhere.json", "--output", "new.yaml"], 3, "SW6001", "nowhere.json"],
  ["a plan that is not there", ["show", "0123abcd"], 2, "SW1002", "0123abcd"],
  ["a plan file that is not there", ["apply", "./plan.json", "--yes", "abcd"], 2, "SW1002", "plan.json"],
  ["a torn plan file", ["show", "torn.json"], 2, "SW1208", "torn.json"],
  ["a plan file of a newer release", ["apply", "newer.json", "--yes", "abcd"], 2, "SW1209", "version 9"],
  ["a run that is not there", ["report", "99"], 2, "SW1004", "99"],
  ["a run that is no number", ["report", "latest"], 2, "SW1001", "number"],
  ["a status of no number", ["status", "--run", "0"], 2, "SW1001", "number"],
  ["a status of another cluster", ["status", "billing"], 2, "SW1001", "orders"],
  ["a report in two ways", ["report", "--json", "--format", "html"], 2, "SW1001", "contradict"],
  ["nothing to watch", ["watch"], 2, "SW1004", "apply"],
  ["nothing to pause", ["pause"], 2, "SW1004", "run"],
  ["nothing to resume", ["resume"], 3, "SW2005", "orders"],
  ["an abort without a reason", ["abort"], 2, "SW1006", "--reason"],
  ["an answer without a reason", ["retry", "n1/start"], 2, "SW1006", "--reason"],
  ["an answer with an empty reason", ["skip", "n1/start", "--reason", "  "], 2, "SW1006", "--reason"],
  ["an answer that nobody waits for", ["mark-done", "n1/start", "--reason", "x"], 3, "SW2005", "orders"],
  ["a claim of nothing", ["claim"], 2, "SW1001", "--take-over"],
  ["nothing to roll back", ["rollback"], 3, "SW2005", "orders"],
  ["a probe that is told nothing", ["probe"], 2, "SW1001", "action"],
  ["a probe that is told something else", ["probe", "begin"], 2, "SW1001", "start, stop, verdict"],
  ["a probe without a rate", ["probe", "start", "--rate", "0"], 2, "SW1001", "attempts per second"],
  ["a probe at no number's rate", ["probe", "start", "--rate", "fast"], 2, "SW1001", "attempts per second"],
  ["a flag of another action", ["probe", "verdict", "--rate", "5"], 2, "SW1001", "--rate does not belong to probe verdict"],
  ["a probe of another cluster", ["probe", "start", "billing"], 2, "SW1001", "orders"],
  ["a verdict on no probe", ["probe", "verdict"], 2, "SW5005", "stillwater probe start"],
  ["a verdict on a probe that is not there", ["probe", "verdict", "--probe", "7"], 2, "SW5005", "probe 7"],
  ["a verdict on a probe of no number", ["probe", "verdict", "--probe", "last"], 2, "SW1001", "number"],
  ["a stop of no probe", ["probe", "stop"], 2, "SW5005", "orders"],
  ["an impact of nothing", ["impact"], 2, "SW1001", "--restart"],
  ["an impact with a flag of nobody", ["impact", "--to", "17.10", "--bogus", "1"], 2, "SW1001", "bogus"],
  ["a finish without a reason", ["finish"], 2, "SW1006", "--reason"],
  ["a finish of nothing", ["finish", "--reason", "x"], 3, "SW2005", "orders"],
  ["a termination without a reason", ["terminate"], 2, "SW1006", "--reason"],
  ["a termination of nothing", ["terminate", "--reason", "x"], 3, "SW2005", "orders"],
  ["a forced end without a mark", ["force-stop", "--reason", "x"], 2, "SW1001", "--mark"],
  ["a forced end with another mark", ["force-stop", "--mark", "ok", "--reason", "x"], 2, "SW1001", "succeeded, failed"],
  ["a forced end without a reason", ["force-stop", "--mark", "failed"], 2, "SW1006", "--reason"],
  ["a forced end of nothing", ["force-stop", "--mark", "failed", "--reason", "x"], 3, "SW2005", "orders"],
  ["a forced end of another cluster", ["force-stop", "billing", "--mark", "failed", "--reason", "x"], 2, "SW1001", "orders"],
  ["programs of a system that has none", ["programs", "list"], 2, "SW1001", "quarry"],
  ["a stop of programs where there are none", ["programs", "stop", "--all"], 2, "SW1001", "users' work is not known here"],
  ["a backup of a system that has none", ["backup"], 2, "SW1001", "users' work is not known here"],
  ["a restore of nothing", ["restore"], 2, "SW1001", "--backup"],
  ["a restore of two things", ["restore", "n1", "--backup", "somewhere"], 2, "SW1001", "one of them"],
  ["a restore from nowhere", ["restore", "--backup", "nowhere"], 2, "SW1001", "nowhere"],
  ["a state directory that is a file", ["history", "--state", "quarry.json"], 1, "SW4001", "journal"],
];
