// The server itself: its version, its services, the token that everything is asked with (facts 1, CD-1). Pure.
import type { Check } from "../../../model/facts.ts";
import type { CdapFacts } from "../facts.ts";
import { behavioursOf, generationWords } from "../matrix/behaviours.ts";
import { blocker, notMeasured, passed, seconds, some, warning } from "./check-kit.ts";

/** `expectedSeconds`: how long the run usually takes. */
export const serverChecks = (facts: CdapFacts, expectedSeconds: number): readonly Check[] => [
  ...down(facts),
  version(facts),
  ...services(facts),
  ...token(facts, expectedSeconds),
];

function down(facts: CdapFacts): readonly Check[] {
  return Object.entries(facts.now.nodes).flatMap(([node, { state, detail }]): readonly Check[] =>
    state === "serving"
      ? []
      : [blocker("down", node, `is ${state}: ${detail}`, { remedy: "Start CDAP: nothing of it can be seen, so nothing can be planned." })],
  );
}

function version(facts: CdapFacts): Check {
  const { version: running } = facts.structure;
  const words = generationWords(running).join("; ");
  if (behavioursOf(running) !== null) return passed("server-version", `CDAP ${running ?? ""}`, words, { source: "CD-1; facts 0, 2, 3.1" });
  return blocker("server-version", `CDAP ${running ?? "?"}`, words, {
    remedy: "Known are 3.4 to 6.11. Compare its release notes with `stillwater inspect` before you go on.",
    price: "its calls may do something else than this driver expects: what an upgrade overwrites, what a stop kills",
    source: "CD-1",
  });
}

function services(facts: CdapFacts): readonly Check[] {
  const all = Object.entries(facts.now.services ?? {});
  if (all.length === 0) return [];
  const sick = all.flatMap(([name, status]) => (status === "OK" ? [] : [`${name} ${status}`]));
  if (sick.length === 0)
    return [
      passed(
        "services",
        "services",
        `${some(
          all.map(([name]) => name),
          20,
        )}: OK`,
        { source: "facts 1.2" },
      ),
    ];
  return [
    blocker("services", "services", some(sick, 20), {
      remedy: "Bring them up (POST /v3/system/services/NAME/restart, or their pods), and plan again.",
      price: "what of CDAP does not answer cannot be checked afterwards, and what depends on it may fail in the middle",
      source: "facts 1.2",
    }),
  ];
}

function token(facts: CdapFacts, expectedSeconds: number): readonly Check[] {
  const { token: used, observedAt } = facts.now;
  if (used === undefined) return [];
  if (used.renewable) return [passed("token", "access token", "a new one can be had whenever it is refused", { source: "facts 1.1" })];
  if (used.expiresAt === null)
    return [
      notMeasured("token", "access token", "it is given as it is, so nobody can renew it, and how long it lives is not known", {
        remedy: "Give user and password, or `@command:` of whatever prints a fresh one (Google's live for an hour): a run may take longer.",
        source: "facts 1.1",
      }),
    ];
  const left = (used.expiresAt - observedAt) / 1_000;
  return [
    (left < expectedSeconds ? warning : passed)(
      "token",
      "access token",
      `it lives for ${seconds(left)}, and the run usually takes ${seconds(expectedSeconds)}`,
      {
        source: "facts 1.1",
      },
    ),
  ];
}
