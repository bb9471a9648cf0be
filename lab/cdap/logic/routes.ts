import type { Reply } from "../../kit/network.ts";

/** One request, as a handler sees it. */
export interface Call {
  /** Of the pattern's `{name}` parts, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whose token it came with; null without perimeter security. */
  readonly user: string | null;
}
/** Throws `ServerError` for what the server's exception handler maps to a status; null closes the connection without a word. */
export type Handler = (call: Call) => Reply | null | Promise<Reply | null>;

interface Route {
  readonly parts: readonly string[];
  readonly handler: Handler;
}

/** Paths by method and number of segments; a literal segment wins over `{name}`, the first one registered over a later one. */
export class Routes {
  readonly #byShape = new Map<string, Route[]>();

  /** `pattern`: `/v3/namespaces/{ns}/apps/{app}`. */
  add(method: string, pattern: string, handler: Handler): void {
    const parts = pattern.split("/").slice(1);
    const shape = `${method} ${String(parts.length)}`;
    const same = this.#byShape.get(shape) ?? [];
    this.#byShape.set(shape, [...same, { parts, handler }]);
  }

  /** Null: no such route, or not with this method. `path` without query. */
  find(method: string, path: string): { readonly handler: Handler; readonly params: Readonly<Record<string, string>> } | null {
    const segments = path.split("/").slice(1);
    let best: Route | null = null;
    for (const route of this.#byShape.get(`${method} ${String(segments.length)}`) ?? []) {
      const fits = route.parts.every((part, index) => part.startsWith("{") || part === segments[index]);
      if (fits && (best === null || literals(route) > literals(best))) best = route;
    }
    if (best === null) return null;
    const params: Record<string, string> = {};
    for (const [index, part] of best.parts.entries()) if (part.startsWith("{")) params[part.slice(1, -1)] = decodeURIComponent(segments[index] ?? "");
    return { handler: best.handler, params };
  }
}
const literals = ({ parts }: Route): number => parts.filter((part) => !part.startsWith("{")).length;
