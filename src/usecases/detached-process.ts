// A process of our own that outlives whoever starts it.
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { getCompileCacheDir } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Starts `main` (a name beside this file, without its extension) with one argument, its output appended to `log`. Rejects when it cannot be started. */
export async function startDetached(main: string, argument: string, log: string): Promise<number> {
  const output = await open(log, "a", 0o600);
  try {
    // A session of its own: whatever kills the terminal or process group of its starter leaves it alive.
    const child = spawn(
      process.execPath,
      [...process.execArgv, "--max-semi-space-size=4", fileURLToPath(new URL(`./${main}${extname(import.meta.url)}`, import.meta.url)), argument],
      {
        detached: true,
        stdio: ["ignore", output.fd, output.fd],
        env: { ...process.env, STILLWATER_FAILPOINT: "", ...compiledCode() },
      },
    );
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    return child.pid ?? 0;
  } finally {
    await output.close();
  }
}

/** The compiled code that our own start has kept: it is ready in half the time. */
function compiledCode(): { readonly NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}
