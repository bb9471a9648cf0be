import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { commandWords } from "./command-words.ts";
import { resolveSecret } from "./secrets.ts";

const directory = mkdtempSync(join(tmpdir(), "stillwater-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));
function file(name: string, content: string | Uint8Array, mode: number): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
async function refused(reference: string, options = {}): Promise<string> {
  try {
    await resolveSecret(reference, options);
  } catch (error) {
    expect(error).toMatchObject({ code: "SW1104", object: reference });
    // Not in the message, not in a cause, nowhere.
    expect(inspect(error, { depth: 9 })).not.toContain("hunter2");
    return (error as { why: readonly string[] }).why.join("\n");
  }
  throw new Error("it was accepted");
}

describe("a secret", () => {
  it("without a reference is the text itself", async () => {
    for (const text of ["hunter2", "", "@", "@other:x", " @env:X"]) expect(await resolveSecret(text)).toBe(text);
  });

  it("comes from the environment", async () => {
    expect(await resolveSecret("@env:PW", { environment: { PW: "hunter2" } })).toBe("hunter2");
    expect(await refused("@env:PW", { environment: {} })).toBe("the environment variable PW is not set");
    expect(await refused("@env:PW", { environment: { PW: "" } })).toBe("it is empty");
  });

  it("comes from a file, without the newline at its end", async () => {
    expect(await resolveSecret(`@file:${file("a", "hunter2\n", 0o600)}`)).toBe("hunter2");
    expect(await resolveSecret(`@file:${file("b", "hunter2\n\n", 0o400)}`)).toBe("hunter2\n");
    expect(await resolveSecret(`@file:${file("c", "hunter2\r\n", 0o640)}`)).toBe("hunter2");
    expect(await resolveSecret("@file:~/a", { home: directory })).toBe("hunter2");
  });
  it("is refused from a file that others can use", async () => {
    for (const mode of [0o644, 0o604, 0o602, 0o666, 0o777])
      expect(await refused(`@file:${file("d", "hunter2", mode)}`)).toMatch(/mode 0\d\d\d: everybody/);
    expect(await refused(`@file:${file("e", "hunter2", 0o660)}`)).toMatch(/mode 0660: its group may write it/);
  });
  it("is refused from what is no file, no text, empty, too large or not there", async () => {
    const pipe = join(directory, "pipe");
    execFileSync("sh", ["-c", 'mkfifo -m 600 "$1"', "sh", pipe]);
    expect(await refused(`@file:${pipe}`)).toMatch(/not an ordinary file/);
    expect(await refused(`@file:${directory}`)).toMatch(/not an ordinary file/);
    expect(await refused(`@file:${file("f", "\n", 0o600)}`)).toBe("it is empty");
    expect(await refused(`@file:${file("g", "x".repeat(70_000), 0o600)}`)).toBe("it is larger than 64 KiB");
    expect(await refused(`@file:${file("h", new Uint8Array([0xff, 0xfe]), 0o600)}`)).toBe("it is not UTF-8 text");
    expect(await refused("@file:/nowhere/x")).toMatch(/ENOENT/);
    expect(await refused("@file:relative")).toMatch(/must be absolute/);
  });

  it("comes from a command, which no shell reads", async () => {
    expect(await resolveSecret("@command:printf %s hunter2")).toBe("hunter2");
    expect(await resolveSecret(`@command:printf '%s-%s' "a b" $HOME;`)).toBe("a b-$HOME;");
    expect(await resolveSecret("@command:sh -c 'cat; echo hunter2'")).toBe("hunter2");
  });
  it("is refused from a command that fails, and what it printed is not shown", async () => {
    expect(await refused(`@command:sh -c 'echo hunter""2; echo hunter""2 >&2; exit 3'`)).toBe("the command ended with exit code 3");
    expect(await refused("@command:sh -c 'kill -9 $$'")).toBe("the command was ended by SIGKILL");
    expect(await refused("@command:/nowhere/x")).toBe("the command cannot be started: ENOENT");
    expect(await refused("@command:sleep 60", { commandMs: 50 })).toBe("the command did not end within 0.05 s");
    expect(await refused("@command:head -c 70000 /dev/zero")).toBe("it is larger than 64 KiB");
    expect(await refused("@command:'open")).toMatch(/quote/);
    expect(await refused("@command:")).toMatch(/empty/);
  });
});

describe("the words of a command", () => {
  it("are what was quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), fc.constantFrom(" ", "\t", "  "), (words, blank) => {
        const single = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
        const double = words.map((word) => `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
        expect(commandWords(single.join(blank))).toEqual(words);
        expect(commandWords(` ${double.join(blank)} `)).toEqual(words);
      }),
    );
  });
  it("are none where a quote or a backslash hangs", () => {
    for (const line of ["", "  ", "a 'b", 'a "b', "a\\"]) expect(commandWords(line)).toBeNull();
  });
});
