import type { Metric } from "./metric.ts";

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
export const quantile = (values: readonly number[], q: number): number => {
  const order = sorted(values);
  return order[Math.min(order.length - 1, Math.floor(q * order.length))] ?? Number.NaN;
};
export const median = (values: readonly number[]): number => quantile(values, 0.5);
const rounded = (value: number): number => Math.round(value * 100) / 100;

export const absolute = (metric: string, value: number, unit: string): Metric => ({
  metric,
  value: rounded(value),
  unit,
  baseline: null,
  ratio: null,
});
export const against = (metric: string, value: number, unit: string, baseline: { readonly name: string; readonly value: number }): Metric => ({
  metric,
  value: rounded(value),
  unit,
  baseline: { name: baseline.name, value: rounded(baseline.value) },
  ratio: rounded(value / baseline.value),
});
