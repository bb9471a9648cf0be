import { badRequest } from "../../logic/answers.ts";
import type { Call } from "../../logic/routes.ts";

export const param = ({ params }: Call, name: string): string => params[name] ?? "";
/** Of a change. */
export const authorOf = ({ user }: Call): string => user ?? "cdap";

/** Error 400. */
export function parseBody(body: string, what = "Request body is invalid json."): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest(what);
  }
}
/** Error 400. */
export function parseObject(body: string): Readonly<Record<string, unknown>> {
  const value = parseBody(body);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("Request body is invalid json, please check that it is a json object.");
  return value as Readonly<Record<string, unknown>>;
}
/** A flat map of texts. Error 400. */
export function parseTexts(body: string): Record<string, string> {
  return Object.fromEntries(Object.entries(body.trim() === "" ? {} : parseObject(body)).map(([name, value]) => [name, String(value)]));
}
