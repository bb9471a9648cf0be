// Where labels can stand without covering each other. Pure.

/** The narrowest width of the plot, in px, at which labels may not collide: A4, and a page 800 px wide. */
export const narrowestPlot = 580;
/** Width of a text of 10.5 px in that plot, in percent. */
export const widthOf = (text: string): number => ((text.length * 5.9 + 7) / narrowestPlot) * 100;

export interface Wanted {
  readonly text: string;
  /** Centre, in percent. */
  readonly x: number;
}
export interface Placed extends Wanted {
  readonly labelX: number;
  readonly row: number;
}

/** From left to right; a label moves a little to the right to find room, and is left out when there is none. */
export function placeLabels(wanted: readonly Wanted[], rows: number): readonly Placed[] {
  const ends = Array.from({ length: rows }, () => -1);
  const mostShift = (18 / narrowestPlot) * 100;
  return [...wanted]
    .sort((a, b) => a.x - b.x)
    .flatMap((label) => {
      const width = widthOf(label.text);
      const options = ends.map((end, row) => ({
        row,
        labelX: Math.min(Math.max(label.x, end + width / 2, width / 2), Math.max(100 - width / 2, width / 2)),
        end,
      }));
      const fitting = options.filter(
        (one) =>
          Math.abs(one.labelX - label.x) <= mostShift + (label.x < width / 2 || label.x > 100 - width / 2 ? width : 0) &&
          one.labelX - width / 2 >= one.end - 0.01,
      );
      const best = fitting.reduce<(typeof fitting)[number] | null>(
        (a, b) => (a === null || Math.abs(b.labelX - label.x) < Math.abs(a.labelX - label.x) - 0.2 ? b : a),
        null,
      );
      if (best === null) return [];
      ends[best.row] = best.labelX + width / 2;
      return [{ ...label, labelX: best.labelX, row: best.row }];
    });
}
