// An HTTP request that the helper on a host sends: the helper refuses it when a newer claim is recorded there, so a frozen Stillwater that wakes up
// sends nothing. bash alone is needed on the host: curl may be missing there.
import { Refused, Unreachable } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import type { Host } from "../model/host.ts";
import type { HttpReply, HttpRequest } from "../model/http.ts";

/** The script ends with it when nobody listens: nothing was sent. */
const notConnected = 97;
/**
 * `HOST PORT`; the request on standard input, so that no header stands among the arguments of a process. Reads to the length that the answer names, for a
 * server may keep the connection open whatever it was asked.
 */
const script = `exec 3<>"/dev/tcp/$1/$2" || exit ${String(notConnected)}
cat >&3
bytes=
while IFS= read -r -u 3 line; do
  printf '%s\\n' "$line"
  line=\${line%$'\\r'}
  [ -n "$line" ] || break
  case \${line,,} in content-length:*) bytes=\${line#*:} bytes=\${bytes//[^0-9]/} ;; esac
done
if [ -n "$bytes" ]; then head -c "$bytes" <&3; else cat <&3; fi`;

/** Errors as of `HttpClient.request`, and those of `Host.run`: SW3010 when the claim is an older one, SW3001 and SW3003 of the connection to the host. */
export async function requestThroughHost(
  host: Host,
  fence: Fence,
  { method, url, headers = {}, body = "", timeoutMs }: HttpRequest,
): Promise<HttpReply> {
  const { protocol, hostname, port, host: object, pathname, search } = new URL(url);
  if (protocol !== "http:") throw new Refused(`${url} cannot be asked through ${host.name}: only http can`, { object });
  const fields = { ...headers, host: object, connection: "close", "content-length": String(Buffer.byteLength(body)) };
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)];
  if (lines.some((line) => /[\r\n]/.test(line))) throw new Refused(`a header for ${object} has a line break`, { object });
  const argv = ["bash", "-c", script, "stillwater-http", hostname.replaceAll(/^\[|\]$/g, ""), port === "" ? "80" : port];
  const { code, stdout, stderr } = await host.run(fence, argv, { timeoutMs, input: `${lines.join("\r\n")}\r\n\r\n${body}` });
  if (code === notConnected) throw new Refused(`${object} cannot be reached from ${host.name}: ${lastLine(stderr)}`, { object });
  const reply = parseReply(stdout);
  if (code !== 0 || reply === null)
    throw new Unreachable(`${object} did not answer ${host.name}: ${stdout === "" ? "it closed the connection" : "the answer is not whole"}`, {
      object,
    });
  return reply;
}

const lastLine = (text: string): string =>
  text
    .trim()
    .split("\n")
    .at(-1)
    ?.replace(/^.*stillwater-http: (line \d+: )?/, "") ?? "";

/** Null: no answer, or not all of it. */
export function parseReply(text: string): HttpReply | null {
  const end = /\r?\n\r?\n/.exec(text);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (end === null || status === undefined) return null;
  const head = text.slice(0, end.index).toLowerCase();
  const rest = text.slice(end.index + end[0].length);
  if (/\ntransfer-encoding:[^\n]*chunked/.test(head)) {
    const body = unchunked(Buffer.from(rest));
    return body === null ? null : { status: Number(status), body };
  }
  const length = /\ncontent-length:\s*(\d+)/.exec(head)?.[1];
  if (length !== undefined && Buffer.byteLength(rest) < Number(length)) return null;
  return { status: Number(status), body: rest };
}

function unchunked(bytes: Buffer): string | null {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    const size = line < 0 ? Number.NaN : Number.parseInt(bytes.subarray(at, line).toString(), 16);
    if (Number.isNaN(size)) return null;
    if (size === 0) return Buffer.concat(parts).toString();
    const begin = line + 2;
    if (begin + size > bytes.length) return null;
    parts.push(bytes.subarray(begin, begin + size));
    at = begin + size + 2;
  }
}
