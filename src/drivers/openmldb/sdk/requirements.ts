// OM-25: the Python SDK in a requirements file, or as pip has installed it. Pure.
import type { SdkFinding } from "../../../model/driver.ts";
import { compareNumbers, edited, sdkVersion, type Edit } from "./version.ts";

const artefact = "openmldb";
export const pipCommand = (version: string): string => `pip install openmldb==${version}`;

/** `openmldb==0.8.5`, with an extra, a marker and a comment behind it; names of packages are alike in upper and lower case. */
const requirement = /^([ \t]*openmldb[ \t]*(?:\[[^\]]*\])?[ \t]*)((?:===?|~=|!=|<=?|>=?)[^;#\\\r\n]*)?/i;

export function checkRequirements(
  file: { readonly name: string; readonly text: string },
  version: string,
): { readonly findings: readonly SdkFinding[]; readonly edited: string | null } {
  const findings: SdkFinding[] = [];
  const edits: Edit[] = [];
  const lines = file.text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const match = requirement.exec(line);
    const rest = match === null ? "x" : line.slice(match[0].length);
    if (match !== null && /^[ \t]*(?:$|[;#\\\r\n@])/.test(rest)) {
      const [before, specifier] = [match[1] ?? "", (match[2] ?? "").trimEnd()];
      const hashed = /--hash/.test(rest) || (/\\\s*$/.test(line) && /^\s*--hash/.test(lines[index + 1] ?? ""));
      const { finding, value } = judge(specifier, rest.trimStart().startsWith("@"), hashed, version);
      findings.push({ file: file.name, line: index + 1, artefact, ...finding });
      if (value !== null) edits.push({ from: at + before.length, to: at + before.length + specifier.length, with: value });
    }
    at += line.length;
  }
  return { findings, edited: edited(file.text, edits) };
}

function judge(
  specifier: string,
  direct: boolean,
  hashed: boolean,
  version: string,
): { readonly finding: Pick<SdkFinding, "found" | "wanted" | "verdict" | "what">; readonly value: string | null } {
  const wanted = version;
  const open = (found: string | null, what: string): ReturnType<typeof judge> => ({
    finding: { found, wanted, verdict: "not-decidable", what },
    value: null,
  });
  if (direct) return open(null, "it is taken from an address: which version that is decides the address");
  if (specifier === "") return open(null, `not pinned: pip takes the newest; ${pipCommand(version)}`);
  const exact = /^(===?)[ \t]*([^,\s]+)$/.exec(specifier);
  const found = exact?.[2] ?? specifier;
  const parsed = sdkVersion(found);
  const wildcard = exact !== null && /^\d+(\.\d+)*\.\*$/.test(found);
  if (exact === null || (parsed === null && !wildcard)) return open(specifier, `a range: which version it is decides pip; ${pipCommand(version)}`);
  const matches = wildcard ? `${version}.`.startsWith(found.slice(0, -1)) : found === version;
  if (matches) return { finding: { found, wanted, verdict: "current", what: `${artefact} ${found}` }, value: null };
  if (parsed !== null && compareNumbers(parsed.number, version) > 0) return open(found, `newer than the cluster's ${version}: left as it is`);
  if (hashed) return open(found, "its hashes belong to that version and would have to be fetched anew: pip-compile it");
  return {
    finding: { found, wanted, verdict: "behind", what: `${artefact} ${found} -> ${wanted}; ${pipCommand(version)}` },
    value: `${exact[1] ?? "=="}${version}`,
  };
}

/** What pip has installed: `openmldb-VERSION.dist-info/METADATA`. It is never edited: the remedy is pip's. */
export function checkMetadata(
  file: { readonly name: string; readonly text: string },
  version: string,
): { readonly findings: readonly SdkFinding[]; readonly edited: null } {
  const [head = ""] = file.text.split(/\r?\n\r?\n/, 1);
  const lines = head.split(/\r?\n/);
  const value = (key: string): { readonly text: string; readonly line: number } | null => {
    const index = lines.findIndex((line) => line.toLowerCase().startsWith(`${key}:`));
    return index < 0 ? null : { text: (lines[index] ?? "").slice(key.length + 1).trim(), line: index + 1 };
  };
  const installed = value("version");
  if (value("name")?.text.toLowerCase() !== artefact || installed === null) return { findings: [], edited: null };
  const found = installed.text;
  const parsed = sdkVersion(found);
  const newer = parsed !== null && compareNumbers(parsed.number, version) > 0;
  const verdict = found === version ? "current" : parsed === null || newer ? "not-decidable" : "behind";
  const what =
    verdict === "current"
      ? `${artefact} ${found} is installed`
      : newer
        ? `newer than the cluster's ${version}: left as it is`
        : `installed: ${found}; run ${pipCommand(version)}`;
  return { findings: [{ file: file.name, line: installed.line, artefact, found, wanted: version, verdict, what }], edited: null };
}
