// What every strip of the picture is drawn with. X is in percent of the plot, y in px: the picture grows in width, its letters do not.
import { markup, type Markup } from "../markup.ts";
import type { TimeScale } from "./scale.ts";

/** The plot's part of the whole width, in percent. */
export const plot = { x: 16, width: 83 } as const;

export interface Strip {
  readonly height: number;
  /** Left of the plot; percent of the whole picture. */
  readonly gutter: Markup;
  readonly body: Markup;
}

export const percent = (value: number): string => `${Number(value.toFixed(3))}%`;

/** Never thinner than can be seen. */
export function barAt(scale: TimeScale, from: number, to: number): { readonly x: number; readonly width: number } {
  const x = scale.at(from);
  return { x, width: Math.max(scale.at(to) - x, 0.22) };
}

export const gutterText = (y: number, kind: "name" | "note" | "note look", text: string): Markup =>
  markup`<text class="${kind}" x="${percent(plot.x - 1.4)}" y="${y}" text-anchor="end">${text}</text>`;

/** A text in the plot; near the edges it leans inwards. */
export function plotText(x: number, y: number, kind: string, text: string): Markup {
  const anchor = x < 4 ? "start" : x > 96 ? "end" : "middle";
  return markup`<text class="${kind}" x="${percent(x)}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

export const shortened = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}\u2026`);
