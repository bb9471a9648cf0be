// The script that runs on the host, and how it gets there: over the connection itself, so nothing is installed.
import { readFileSync } from "node:fs";

const parts = ["10-answers", "20-fence", "30-commands", "40-reading", "50-files", "60-trees", "90-main"] as const;
const END = "#END";

/**
 * The one word that a login shell on the host has to understand, whichever it is: no line breaks, no exclamation mark, no single quote inside.
 * It reads the script line by line with `read`, which takes no byte too much, so that the requests behind it are still there.
 */
export const bootstrap = `n=$(printf "\\n.");n=\${n%.};s=;while IFS= read -r l;do case $l in "${END}") eval "$s";exit;;esac;s=$s$l$n;done`;

let text: string | null = null;
/** What is sent first on a new connection. */
export function helperScript(): string {
  text ??= parts
    .map((part) => readFileSync(new URL(`./helper/${part}.sh`, import.meta.url), "utf8"))
    .join("")
    .split("\n")
    .filter((line) => line !== "" && !/^\s*#/.test(line))
    .concat(END, "")
    .join("\n");
  return text;
}
