import type { Request } from "../../../kit/network.ts";
import { words } from "../http.ts";

/** Query and form of one request. */
export function parametersOf(request: Request): ReadonlyMap<string, string> {
  const found = new Map(new URL(request.path, "http://lab").searchParams);
  if ((request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
    for (const [name, value] of new URLSearchParams(request.body)) found.set(name, value);
  return found;
}

/** What the OpenAPI answers instead of a result. `word`: the envelope's Code. */
export class ApiError extends Error {
  readonly word: string;
  readonly status: number;
  constructor(word: string, message: string, status = 200) {
    super(message);
    this.word = word;
    this.status = status;
  }
}

/** Parameters as an operation reads them: text, numbers, and JSON objects that came as text. */
export class Input {
  readonly #found: ReadonlyMap<string, unknown>;

  constructor(found: ReadonlyMap<string, unknown>) {
    this.#found = found;
  }

  optional(name: string): string | null {
    const value = this.#found.get(name);
    if (typeof value === "boolean") return String(value);
    const text = typeof value === "object" && value !== null ? JSON.stringify(value) : words(value);
    return text === "" ? null : text;
  }
  text(name: string): string {
    const value = this.optional(name);
    if (value === null) throw new ApiError(`Missing${name}`, `${name} is mandatory for this action.`, 400);
    return value;
  }
  number(name: string, otherwise?: number): number {
    const value = this.optional(name);
    if (value === null && otherwise !== undefined) return otherwise;
    const number = Number(value ?? this.text(name));
    if (!Number.isFinite(number)) throw new ApiError(`Invalid${name}`, `${name} is not a number.`, 400);
    return number;
  }
  is(name: string): boolean {
    return this.optional(name) === "true";
  }
  texts(name: string): readonly string[] | null {
    const value = this.#json(name);
    return value === null ? null : Array.isArray(value) ? value.map(String) : [words(value)];
  }
  object(name: string): Input {
    this.text(name);
    const value = this.#json(name);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ApiError(`Invalid${name}`, `${name} is no JSON object.`, 400);
    return new Input(new Map(Object.entries(value)));
  }
  objects(name: string): readonly Input[] {
    const value = this.#json(name);
    if (!Array.isArray(value)) throw new ApiError(`Invalid${name}`, `${name} is no JSON array.`, 400);
    return value.map((each) => new Input(new Map(Object.entries(each as object))));
  }
  has(name: string): boolean {
    return this.optional(name) !== null;
  }

  #json(name: string): unknown {
    const value = this.#found.get(name);
    if (typeof value !== "string") return value ?? null;
    try {
      return JSON.parse(value);
    } catch {
      throw new ApiError(`Invalid${name}`, `${name} is not valid JSON.`, 400);
    }
  }
}
