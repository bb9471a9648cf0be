// OM-24: the Java SDK in a pom.xml. Read with comments set aside, edited in place so that every other byte stays. Pure.
import type { SdkFinding } from "../../../model/driver.ts";
import { compareNumbers, edited, lineAt, sdkVersion, type Edit } from "./version.ts";

const artefacts = new Set(["openmldb-jdbc", "openmldb-native"]);

interface Piece {
  readonly text: string;
  readonly from: number;
}
/** The content of the first element of that name inside a stretch, without the blanks around it. */
function element(xml: string, name: string, from: number, to: number): Piece | null {
  const match = new RegExp(String.raw`<${name}\s*>([^<]*)</${name}\s*>`).exec(xml.slice(from, to));
  if (match?.[1] === undefined) return null;
  const blanks = match[1].length - match[1].trimStart().length;
  return { text: match[1].trim(), from: from + match.index + match[0].indexOf(">") + 1 + blanks };
}

/** Where a property of the pom is given its value; null: nowhere here, or in several places (profiles). */
function property(xml: string, name: string): Piece | null {
  const found: Piece[] = [];
  for (const { index, 0: block } of xml.matchAll(/<properties\s*>[\s\S]*?<\/properties\s*>/g)) {
    const piece = element(xml, name.replaceAll(".", String.raw`\.`), index, index + block.length);
    if (piece !== null) found.push(piece);
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

export function checkPom(
  file: { readonly name: string; readonly text: string },
  version: string,
): { readonly findings: readonly SdkFinding[]; readonly edited: string | null } {
  // The same length, so that every place in it is a place in the text.
  const xml = file.text.replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const findings: SdkFinding[] = [];
  const edits = new Map<number, Edit>();
  for (const { index, 0: block } of xml.matchAll(/<dependency\s*>[\s\S]*?<\/dependency\s*>/g)) {
    // What a dependency leaves out (`exclusions`) has no version of its own.
    const inner = block.replaceAll(/<exclusions\s*>[\s\S]*?<\/exclusions\s*>/g, (each) => each.replaceAll(/[^\n]/g, " "));
    const own = xml.slice(0, index) + inner + xml.slice(index + block.length);
    const end = index + block.length;
    const artefact = element(own, "artifactId", index, end);
    if (element(own, "groupId", index, end)?.text !== "com.4paradigm.openmldb" || artefact === null || !artefacts.has(artefact.text)) continue;
    const judged = judge(xml, artefact.text, element(own, "version", index, end), version);
    findings.push({ file: file.name, line: lineAt(file.text, artefact.from), artefact: artefact.text, ...judged.finding });
    if (judged.edit === null) continue;
    const other = edits.get(judged.edit.from);
    if (other !== undefined && other.with !== judged.edit.with) {
      findings.push({
        file: file.name,
        line: lineAt(file.text, judged.edit.from),
        artefact: artefact.text,
        found: xml.slice(judged.edit.from, judged.edit.to),
        wanted: judged.edit.with,
        verdict: "not-decidable",
        what: "one property stands for two versions: give each dependency its own",
      });
      edits.delete(judged.edit.from);
    } else edits.set(judged.edit.from, judged.edit);
  }
  return { findings, edited: edited(file.text, [...edits.values()]) };
}

type Judged = { readonly finding: Pick<SdkFinding, "found" | "wanted" | "verdict" | "what">; readonly edit: Edit | null };

function judge(xml: string, artefact: string, written: Piece | null, version: string): Judged {
  const open = (found: string | null, what: string): Judged => ({ finding: { found, wanted: version, verdict: "not-decidable", what }, edit: null });
  if (written === null) return open(null, "no version stands here: a parent or a bill of materials decides it");
  const reference = /^\$\{([^}]+)\}(-\w+)?$/.exec(written.text);
  const place = reference?.[1] === undefined ? written : property(xml, reference[1]);
  if (place === null) return open(written.text, `the value of ${written.text} is not in this file, or is there several times`);
  const shown = `${place.text}${reference?.[2] ?? ""}`;
  const found = sdkVersion(shown);
  if (found === null) return open(shown, "a range or an expression: which version it is decides the build");
  // A build of the native library for another platform is the same version (vendor's page on the Java SDK).
  const suffix = artefact === "openmldb-native" && found.suffix !== "-SNAPSHOT" ? found.suffix : "";
  const wanted = `${version}${suffix}`;
  if (shown === wanted) return { finding: { found: shown, wanted, verdict: "current", what: `${artefact} ${shown}` }, edit: null };
  if (compareNumbers(found.number, version) > 0) return open(shown, `newer than the cluster's ${version}: left as it is`);
  const value = wanted.endsWith(reference?.[2] ?? "") ? wanted.slice(0, wanted.length - (reference?.[2] ?? "").length) : wanted;
  const by = reference?.[1] === undefined ? "" : ` (property ${reference[1]})`;
  return {
    finding: { found: shown, wanted, verdict: "behind", what: `${artefact} ${shown} -> ${wanted}${by}` },
    edit: { from: place.from, to: place.from + place.text.length, with: value },
  };
}
