import { NoReply, type Network, type Reply, type Request } from "../../kit/network.ts";

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json;charset=utf-8", ...headers },
  body: JSON.stringify(body),
});
export const page = (status: number, title: string, text: string): Reply => ({
  status,
  headers: { "content-type": "text/html;charset=utf-8" },
  body: `<!doctype html><title>${title}</title><h1>${title}</h1><p>${text}</p>\n`,
});

/** Path and query of a request, and its parts. */
export function target(request: Request): { readonly path: string; readonly parts: readonly string[]; readonly query: URLSearchParams } {
  const url = new URL(request.path, "http://lab");
  return { path: url.pathname, parts: url.pathname.split("/").filter((part) => part !== ""), query: url.searchParams };
}
/** Error when it is no JSON object. */
export function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  if (request.body.trim() === "") return {};
  const found: unknown = JSON.parse(request.body);
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error("the body is no JSON object");
  return found as Record<string, unknown>;
}

/** Between components. Throws NoReply, and an error with the answer's words for anything but 2xx. */
export async function ask<T>(
  { network, from, to, timeoutMs = 5_000 }: { readonly network: Network; readonly from: string; readonly to: string; readonly timeoutMs?: number },
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<T> {
  const reply = await network.call(
    from,
    to,
    { method, path, headers: { "content-type": "application/json" }, body: body === undefined ? "" : JSON.stringify(body) },
    timeoutMs,
  );
  if (reply.status >= 300) throw new Error(`${to}${path}: ${String(reply.status)} ${reply.body.slice(0, 300)}`);
  return JSON.parse(reply.body) as T;
}
export const isSilent = (error: unknown): error is NoReply => error instanceof NoReply;
/** Of a body's value: text and numbers as they are, anything else as nothing. */
export const words = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
