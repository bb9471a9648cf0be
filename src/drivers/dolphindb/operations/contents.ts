// What is inside a package, as one digest: `local/` takes it over the archive, `stage` and `replace` over the files that lie on a host.
import { createHash } from "node:crypto";

/** Path inside the archive, without a leading `./`; hex digest of the content. Directories and links are not listed. */
export interface FileDigest {
  readonly path: string;
  readonly sha256: string;
}

/** Hex. The order of the files does not matter: they are sorted by the bytes of their paths. */
export const contentsDigest = (files: readonly FileDigest[]): string => createHash("sha256").update(contentsText(files)).digest("hex");

/** A line `SHA256  PATH` for each file, as sha256sum prints it. */
export const contentsText = (files: readonly FileDigest[]): string =>
  files
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join("");
