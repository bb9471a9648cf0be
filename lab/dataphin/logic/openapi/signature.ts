// Who asks: the checks that the vendor's API gateway makes before anything else. RPC signature version 1.0 (HMAC-SHA1 over the sorted query, facts 3.1) and
// ACS3-HMAC-SHA256 (over a canonical request), both as published for all of the vendor's APIs.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "../../../kit/network.ts";
import type { Credentials } from "../cluster.ts";

export interface Denied {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}
const SKEW_MS = 15 * 60_000;

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
/** By code units, as every implementation of it sorts. */
const sorted = (entries: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] =>
  [...entries].toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
const canonical = (entries: Iterable<readonly [string, string]>): string =>
  sorted(entries)
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join("&");
const same = (left: string, right: string): boolean => left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

/** Of a POST with all parameters in the query. */
export const rpcSignature = (parameters: ReadonlyMap<string, string>, method: string, secret: string): string =>
  createHmac("sha1", `${secret}&`)
    .update(`${method}&${encode("/")}&${encode(canonical(parameters))}`)
    .digest("base64");

/** One of them for each gateway: it knows the nonces that were used. */
export class SignatureCheck {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #nonces = new Map<string, number>();

  /** `now`: the clock of the gateway's machine, by which clients sign; a lab's may be another than the one of its platform. */
  constructor(credentials: Credentials, now: () => number) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /** Null: it is the holder of the key. */
  denies(request: Request, parameters: ReadonlyMap<string, string>): Denied | null {
    const authorization = request.headers["authorization"] ?? "";
    if (authorization.startsWith("ACS3-HMAC-SHA256 ")) return this.#acs3(request, authorization);
    const signature = parameters.get("Signature");
    const keyId = parameters.get("AccessKeyId");
    if (keyId === undefined) return { status: 400, code: "MissingAccessKeyId", message: "AccessKeyId is mandatory for this action." };
    if (signature === undefined) return { status: 400, code: "IncompleteSignature", message: "Signature is mandatory for this action." };
    if (keyId !== this.#credentials.accessKeyId) return unknownKey;
    const rest = new Map(parameters);
    rest.delete("Signature");
    if (!same(rpcSignature(rest, request.method, this.#credentials.accessKeySecret), signature)) return wrongSignature;
    return this.#stale(parameters.get("Timestamp") ?? "", parameters.get("SignatureNonce") ?? "");
  }

  #acs3(request: Request, authorization: string): Denied | null {
    const words = new Map(
      authorization
        .slice("ACS3-HMAC-SHA256 ".length)
        .split(",")
        .map((part): [string, string] => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()]),
    );
    if (words.get("Credential") !== this.#credentials.accessKeyId) return unknownKey;
    const names = (words.get("SignedHeaders") ?? "").split(";");
    const url = new URL(request.path, "http://lab");
    const hash = createHash("sha256").update(request.body).digest("hex");
    if (hash !== request.headers["x-acs-content-sha256"]) return wrongSignature;
    const lines = names.map((name) => `${name}:${(request.headers[name] ?? "").trim()}\n`).join("");
    const text = [request.method, url.pathname, canonical(url.searchParams), lines, names.join(";"), hash].join("\n");
    const toSign = `ACS3-HMAC-SHA256\n${createHash("sha256").update(text).digest("hex")}`;
    const wanted = createHmac("sha256", this.#credentials.accessKeySecret).update(toSign).digest("hex");
    if (!same(wanted, words.get("Signature") ?? "")) return wrongSignature;
    return this.#stale(request.headers["x-acs-date"] ?? "", request.headers["x-acs-signature-nonce"] ?? "");
  }

  #stale(timestamp: string, nonce: string): Denied | null {
    const now = this.#now();
    const at = Date.parse(timestamp);
    if (Number.isNaN(at)) return { status: 400, code: "IllegalTimestamp", message: "The input parameter Timestamp is invalid." };
    if (Math.abs(now - at) > SKEW_MS)
      return { status: 400, code: "InvalidTimeStamp.Expired", message: "Specified time stamp or date value is expired." };
    for (const [known, since] of this.#nonces) {
      if (now - since <= SKEW_MS) break;
      this.#nonces.delete(known);
    }
    if (nonce === "" || this.#nonces.has(nonce))
      return { status: 400, code: "SignatureNonceUsed", message: "Specified signature nonce was used already." };
    this.#nonces.set(nonce, now);
    return null;
  }
}

const unknownKey: Denied = { status: 404, code: "InvalidAccessKeyId.NotFound", message: "Specified access key is not found." };
const wrongSignature: Denied = {
  status: 400,
  code: "SignatureDoesNotMatch",
  message: "Specified signature is not matched with our calculation.",
};
