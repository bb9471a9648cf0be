// A refusal: what happened, why, what to do, and what going on anyway would cost.
import { errorTable, StillwaterError } from "../../model/errors.ts";
import type { Style } from "./style.ts";
import { clean, labelled, lengthOf, wrapTo } from "./text.ts";

/** What the JSON document of an error holds. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly object: string | null;
    readonly why: readonly string[];
    readonly remedy: string;
    readonly price: string | null;
    readonly override: string | null;
  };
}
export const errorDocument = (error: StillwaterError): ErrorDocument => ({
  error: {
    code: error.code,
    message: error.message,
    object: error.object,
    why: error.why,
    remedy: error.remedy,
    price: error.price,
    override: error.override,
  },
});

/** Anything that was thrown, as an error for people: what nobody expected is a defect of ours, with its stack for the report. */
export function asStillwaterError(thrown: unknown): StillwaterError {
  if (thrown instanceof StillwaterError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new StillwaterError("SW9999", error.message === "" ? error.name : error.message, {
    why: (error.stack ?? "")
      .split("\n")
      .slice(1, 6)
      .map((line) => line.trim()),
    cause: thrown,
  });
}

export function errorLines(error: StillwaterError, style: Style): readonly string[] {
  const message = clean(error.message);
  const object = error.object === null || message.includes(error.object) ? "" : `${clean(error.object)}: `;
  const head = `error ${error.code} `;
  const [first = "", ...rest] = wrapTo(object + message, style.columns - lengthOf(head));
  const lines = [
    style.accent(`error ${error.code}`) + ` ${style.strong(first)}`,
    ...rest.map((line) => " ".repeat(lengthOf(head)) + style.strong(line)),
  ];
  // The headline again, perhaps behind the code of its check, says nothing more.
  const said = (line: string): boolean =>
    line === message || (error.object !== null && `${error.object}: ${line.replace(/^[a-z0-9-]+: /, "")}` === message);
  error.why
    .filter((line) => !said(clean(line)))
    .forEach((line, index) => lines.push(...labelled(index === 0 ? "why" : "", clean(line), style.columns, 6)));
  lines.push(...labelled("do", clean(error.remedy), style.columns, 6));
  if (error.override !== null)
    lines.push(...labelled("or", `the same command with --override ${clean(error.override)} --reason "..."`, style.columns, 6));
  if (error.price !== null) lines.push(...labelled("", `price: ${clean(error.price)}`, style.columns, 6));
  const { exit } = errorTable[error.code];
  if (exit === "usage" || exit === "refused" || exit === "busy") lines.push("Nothing was changed.");
  return lines;
}
