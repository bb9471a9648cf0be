// What an upgrade of CDAP itself meets (facts 5). Pure.
import type { Check } from "../../../model/facts.ts";
import type { CdapFacts } from "../facts.ts";
import { isKnown, pathTo } from "../matrix/upgrades.ts";
import { blocker, count, passed, warning } from "./check-kit.ts";

export function platformChecks(facts: CdapFacts, to: string): readonly Check[] {
  return [...pathChecks(facts, to), ...exactPins(facts), storage()];
}

function pathChecks({ structure: { version: from } }: CdapFacts, to: string): readonly Check[] {
  if (from === null) return [];
  const object = `${from} to ${to}`;
  const path = pathTo(from, to);
  const { source } = path;
  switch (path.is) {
    case "same":
      return [passed("version-path", object, "it runs already", { source })];
    case "published":
      return isKnown(to)
        ? [passed("version-path", object, "published as one step", { source })]
        : [
            blocker("version-path", object, `${to} is not known here`, {
              remedy: "Compare its release notes.",
              price: "what it needs is not known",
              source,
            }),
          ];
    case "via":
      return [
        blocker("version-path", object, `nobody has published this as one step; published are: ${[from, ...path.steps].join(", ")}`, {
          remedy: `Go to ${path.steps[0] ?? to} first: go to the last patch of the minor, then jump.`,
          price: "the vendor has not tried this jump: its storage may not be read",
          source,
        }),
      ];
    case "never":
      return [
        blocker("version-path", object, path.why, {
          remedy: "Restore the storage of that version, or export and deploy on a new installation.",
          source,
        }),
      ];
    case "unpublished":
      return [
        blocker("version-path", object, path.why, {
          remedy: "Look at the vendor's list, and name the source in the reason.",
          price: "the vendor has not tried this jump: its storage may not be read",
          source,
        }),
      ];
  }
}

/** A release brings its own artefacts, and old ones may be missing on a new instance (facts 4.3). */
function exactPins({ structure: { namespaces } }: CdapFacts): readonly Check[] {
  let stages = 0;
  let apps = 0;
  for (const { apps: of } of Object.values(namespaces))
    for (const { plugins } of Object.values(of)) {
      const pinned = plugins.filter(({ artifact }) => artifact !== null && artifact.scope === "SYSTEM" && /^\d/.test(artifact.version)).length;
      stages += pinned;
      apps += pinned > 0 ? 1 : 0;
    }
  if (stages === 0) return [];
  return [
    warning(
      "plugin-pins",
      "plug-ins",
      `${count(stages, "stage")} of ${count(apps, "application")} name exact versions of artefacts that come with CDAP`,
      {
        remedy:
          "Artefacts of the old release usually stay; where they do not, these cannot be deployed again: `-o apps-after=all` moves them to the new ones.",
        source: "facts 4.3, 5.2",
      },
    ),
  ];
}

const storage = (): Check =>
  warning("storage", "storage", "a backup through the API has definitions only: no jars, no run records, no data", {
    remedy: "For a way back of CDAP itself, copy its storage while it is stopped: HBase or PostgreSQL, HDFS or volumes, /etc/cdap/conf.",
    source: "facts 0.9, 5.1, 6",
  });
