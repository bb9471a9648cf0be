// Who calls an API: plain key and secret as the built-in gateway takes them, or the signature of the vendor's API gateway (facts 3.2).
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "../../../kit/network.ts";
import { target } from "../http.ts";

const SKEW_MS = 15 * 60_000;

export interface Claimed {
  readonly key: string;
  /** Null: it is right; else the word and the message of the refusal. */
  refusal(secret: string, now: number): { readonly word: string; readonly message: string } | null;
}

/** Null: it says no key. */
export function claimedBy(request: Request): Claimed | null {
  const signedKey = request.headers["x-ca-key"];
  if (signedKey !== undefined) return { key: signedKey, refusal: (secret, now) => signed(request, secret, now) };
  const { query } = target(request);
  const given = (name: string): string | null => query.get(name) ?? request.headers[name.toLowerCase()] ?? inBody(request, name);
  const [key, secret] = [given("appKey"), given("appSecret")];
  if (key === null) return null;
  return {
    key,
    refusal: (right) => (secret !== null && same(secret, right) ? null : { word: "SignatureDoesNotMatch", message: "Invalid AppSecret" }),
  };
}

function inBody({ body }: Request, name: string): string | null {
  try {
    const value = (JSON.parse(body) as Record<string, unknown>)[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  } catch {
    return null;
  }
}

/** The string that is signed: method, four headers, the listed `x-ca-` headers, path with sorted parameters. */
function signed(request: Request, secret: string, now: number): ReturnType<Claimed["refusal"]> {
  const { headers } = request;
  const timestamp = Number(headers["x-ca-timestamp"] ?? Number.NaN);
  if (!(Math.abs(now - timestamp) <= SKEW_MS)) return { word: "TimestampExpired", message: "Timestamp expired" };
  const names = (headers["x-ca-signature-headers"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "")
    .toSorted();
  const { path, query } = target(request);
  const parameters = [...query]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => (value === "" ? key : `${key}=${value}`));
  const text = [
    request.method,
    headers["accept"] ?? "",
    headers["content-md5"] ?? "",
    headers["content-type"] ?? "",
    headers["date"] ?? "",
    ...names.map((name) => `${name}:${headers[name] ?? ""}`),
    parameters.length === 0 ? path : `${path}?${parameters.join("&")}`,
  ].join("\n");
  const wanted = createHmac("sha256", secret).update(text).digest("base64");
  return same(wanted, headers["x-ca-signature"] ?? "") ? null : { word: "SignatureDoesNotMatch", message: "Invalid Signature" };
}
const same = (left: string, right: string): boolean => left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
