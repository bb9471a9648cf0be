import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

export type Level = "INFO" | "WARNING" | "ERROR";
const levels: readonly Level[] = ["INFO", "WARNING", "ERROR"];

/** Lines as glog has them, into COMPONENT.INFO and, when they are worse, COMPONENT.WARNING and COMPONENT.ERROR as well; without the number of a source line. */
export function componentLog(directory: string, component: string): (level: Level, line: string) => void {
  mkdirSync(directory, { recursive: true });
  return (level, line) => {
    const [date = "", time = ""] = new Date().toISOString().split("T");
    const stamp = `${level.slice(0, 1)}${date.slice(5, 7)}${date.slice(8, 10)} ${time.slice(0, 12)}000 ${String(process.pid)} lab]`;
    for (const file of levels.slice(0, levels.indexOf(level) + 1)) appendFileSync(join(directory, `${component}.${file}`), `${stamp} ${line}\n`);
  };
}
