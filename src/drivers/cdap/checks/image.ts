// The traps of cdap-operator's way to read a version from an image's tag (facts 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import { blocker, passed } from "./check-kit.ts";

/** Numbers of the tag; null: the operator cannot parse it. `latest` is above everything. */
function operatorVersion(image: string): readonly number[] | "latest" | null {
  const [, tag] = /^[^:@]+:([^:@]+)$/.exec(image) ?? [];
  if (tag === undefined) return null;
  if (tag === "latest") return "latest";
  return /^\d+(?:\.\d+)*$/.test(tag) ? tag.split(".").map(Number) : null;
}

/** As the operator compares: component by component over the shorter one, then more components on the right are taken for older. */
function takenForDowngrade(from: readonly number[], to: readonly number[]): boolean {
  for (let index = 0; index < Math.min(from.length, to.length); index++) {
    const [a = 0, b = 0] = [from[index], to[index]];
    if (a !== b) return b < a;
  }
  return to.length > from.length;
}

export function imageChecks(resource: string, from: string, to: string): readonly Check[] {
  const source = "facts 5.4";
  const object = `${from} to ${to}`;
  for (const image of [from, to])
    if (operatorVersion(image) === null)
      return [
        blocker(
          "operator-tag",
          image,
          "cdap-operator cannot parse this image: a registry with a port, a digest, and a tag with letters are not understood",
          {
            remedy: "Give the image a tag of numbers, in a registry without a port (an alias of it in the cluster's DNS).",
            source,
          },
        ),
      ];
  const [before, after] = [operatorVersion(from), operatorVersion(to)];
  if (before === null || after === null || before === "latest" || after === "latest")
    return before === after
      ? [
          blocker("operator-tag", object, "both are the same image for the operator, which then does nothing", {
            remedy: "Name the release by its version, not `latest`.",
            source,
          }),
        ]
      : [passed("operator-tag", object, `${resource}: taken for an upgrade`, { source })];
  if (takenForDowngrade(before, after))
    return [
      blocker("operator-tag", object, "cdap-operator takes this for a downgrade: it switches the image, and runs neither of its jobs", {
        remedy: `Give both tags as many components (${before.join(".")}.0): it takes 6.7 to 6.7.1 for a downgrade.`,
        price: "only the image is switched; Stillwater itself drains before and resumes after, but no upgrade job of the operator runs",
        source,
      }),
    ];
  return [passed("operator-tag", object, `${resource}: taken for an upgrade`, { source })];
}
