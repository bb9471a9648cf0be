// HTML and SVG as text in which nothing is left unescaped: what is put into a template is a text, unless it was made by one.

export class Markup {
  readonly text: string;
  /** Only for what is written in this program. */
  constructor(text: string) {
    this.text = text;
  }
}
export type Content = string | number | Markup | null | readonly Content[];

export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((text, part, index) => text + render(values[index - 1] ?? null) + part));
}

function render(value: Content): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  return value.map((item) => render(item)).join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Control characters are not allowed in XML, and a report with one of them would not be drawn. */
export const escaped = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd").replace(/[&<>"']/g, (character) => entities[character] ?? character);
