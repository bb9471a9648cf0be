import { markup, type Content, type Markup } from "../markup.ts";

export interface Column<Row> {
  readonly head: string;
  readonly kind?: "number" | "tight" | "evidence" | "word" | "first";
  readonly cell: (row: Row) => Content;
}

export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Markup {
  const kind = (column: Column<Row>): Markup => markup` class="${column.kind ?? "text"}"`;
  return markup`<div class="scroll"><table><thead><tr>${columns.map((column) => markup`<th scope="col"${kind(column)}>${column.head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${columns.map((column) => markup`<td${kind(column)}>${column.cell(row)}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

export const list = (items: readonly Content[]): Markup => markup`<ul class="plain">${items.map((item) => markup`<li>${item}</li>`)}</ul>`;

export const section = (title: string, ...content: readonly Content[]): Markup => markup`<section><h2>${title}</h2>${content}</section>\n`;
