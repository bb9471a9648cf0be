import type { VerifyResult } from "../../usecases/verify.ts";
import type { Style } from "./style.ts";
import { clean, table } from "./text.ts";

/** What failed first, then what could not be measured; green only for what was seen to hold. */
export function verificationLines(result: VerifyResult, style: Style): readonly string[] {
  const order = ["failed", "not-measured", "passed"] as const;
  const sorted = result.verifications.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const { head, rows } = table(
    [
      { title: "verdict" },
      { title: "object", atMost: 20 },
      { title: "what", stretch: true, wraps: true },
      { title: "seen", stretch: true, wraps: true },
    ],
    sorted.map((each) => [each.verdict === "not-measured" ? "unknown" : each.verdict, each.object, each.what, each.evidence].map(clean)),
    style.columns,
  );
  const paint = { passed: style.proved, failed: style.accent, "not-measured": style.accent };
  const said = { passed: "holds", failed: "does NOT hold", "not-measured": "is not proved in full" }[result.verdict];
  return [
    `${style.strong(clean(result.cluster))}  what run ${result.run} was for ${paint[result.verdict](said)}`,
    style.quiet(head),
    ...rows.flatMap((lines, index) => {
      const verdict = sorted[index]?.verdict ?? "not-measured";
      const word = verdict === "not-measured" ? "unknown" : verdict;
      return lines.map((line, at) => (at === 0 ? line.replace(word, paint[verdict](word)) : line));
    }),
  ];
}
