/** One figure of a bench: with `--json`, `npm run bench` prints a list of these. */
export interface Metric {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, measured in the same run in interleaved pairs; null: an absolute figure. */
  readonly baseline: { readonly name: string; readonly value: number } | null;
  /** value / baseline; null without one. */
  readonly ratio: number | null;
}
