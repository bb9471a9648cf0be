/** A random UUID (version 4) that a seed repeats; `random` is in [0, 1). */
export function uuid(random: () => number): string {
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`;
}
