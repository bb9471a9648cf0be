import { createInterface, emitKeypressEvents } from "node:readline";
import type { Io, Output } from "./io.ts";

const output = (stream: NodeJS.WriteStream, closed: AbortController): Output => {
  // A reader that went away (`stillwater history | head -1`) is no fault: what else would be written goes nowhere.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    closed.abort();
  });
  return {
    write: (text) => {
      if (!closed.signal.aborted) stream.write(text);
    },
    isTty: stream.isTTY,
    columns: () => (stream.isTTY ? stream.columns : null),
    rows: () => (stream.isTTY ? stream.rows : null),
  };
};

export function processIo(): Io {
  const [outClosed, errClosed] = [new AbortController(), new AbortController()];
  const { stdin, stdout, stderr } = process;
  return {
    out: output(stdout, outClosed),
    err: output(stderr, errClosed),
    environment: process.env,
    now: Date.now,
    canAsk: stdin.isTTY && stdout.isTTY,
    ask: (question) =>
      new Promise((resolve) => {
        const lines = createInterface({ input: stdin, output: stdout });
        let answered = false;
        lines.on("SIGINT", () => lines.close());
        lines.on("close", () => {
          if (!answered) {
            stdout.write("\n");
            resolve(null);
          }
        });
        lines.question(question, (answer) => {
          answered = true;
          lines.close();
          resolve(answer);
        });
      }),
    onInterrupt: (handler) => {
      process.on("SIGINT", handler);
      return () => process.off("SIGINT", handler);
    },
    onKey: (handler) => {
      if (!stdin.isTTY) return () => undefined;
      const pressed = (text: string | undefined, key: { readonly ctrl?: boolean; readonly name?: string }): void => {
        // In raw mode the terminal does not make a signal of Ctrl-C.
        if (key.ctrl === true && key.name === "c") process.kill(process.pid, "SIGINT");
        else if (text !== undefined) handler(text);
      };
      emitKeypressEvents(stdin);
      stdin.setRawMode(true);
      stdin.on("keypress", pressed);
      stdin.resume();
      return () => {
        stdin.off("keypress", pressed);
        stdin.setRawMode(false);
        stdin.pause();
      };
    },
    onResize: (handler) => {
      stdout.on("resize", handler);
      return () => stdout.off("resize", handler);
    },
    closed: outClosed.signal,
  };
}
