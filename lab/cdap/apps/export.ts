// `GET /v3/export/apps` (facts section 6): a directory for each namespace, a file for each application, and the digest of it all in a header.
import { createHash } from "node:crypto";
import { zipOf, type ZipMember } from "../../kit/zip.ts";
import type { AppStore } from "./app-store.ts";
import { detailOf } from "./records.ts";

interface Detail {
  readonly artifact: { readonly scope: string };
  readonly programs: readonly { readonly type: string }[];
}
/** The exporter's own serialisation: enums in lower case, no owner. */
function exported(detail: object): Buffer {
  const { artifact, programs, ...rest } = detail as Detail;
  const lower = {
    ...rest,
    artifact: { ...artifact, scope: artifact.scope.toLowerCase() },
    programs: programs.map((program) => ({ ...program, type: program.type.toLowerCase() })),
    principal: null,
  };
  return Buffer.from(JSON.stringify(lower));
}

export interface Export {
  readonly bytes: Uint8Array;
  /** `sha-256=BASE64`. */
  readonly digest: string;
}

/** `everyVersion`: builds that export all versions of an application, each under the same name. */
export function exportApps(apps: AppStore, namespaces: readonly string[], { everyVersion }: { readonly everyVersion: boolean }): Export {
  const members: ZipMember[] = [];
  for (const namespace of namespaces) {
    if (namespace === "system") continue;
    members.push({ path: `${namespace}/`, content: Buffer.alloc(0), mode: 0o755 });
    for (const app of apps.apps(namespace)) {
      const versions = apps.versions(namespace, app) ?? [];
      for (const version of everyVersion ? versions : versions.slice(-1))
        members.push({
          path: `${namespace}/${app}.json`,
          content: exported(detailOf(apps, app, version, version === versions.at(-1))),
          mode: 0o644,
        });
    }
  }
  const bytes = zipOf(members);
  return { bytes, digest: `sha-256=${createHash("sha256").update(bytes).digest("base64")}` };
}
