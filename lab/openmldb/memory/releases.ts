// Releases in memory: an archive is a text that names its version, and unpacking it makes the tree of a distribution.
import type { Disk } from "../../kit/disk.ts";

const mark = "openmldb release ";

/** Content of `openmldb-VERSION-linux.tar.gz` in memory. */
export const archiveOf = (version: string): string => `${mark}${version}\n`;
export const versionInArchive = (content: string): string | null => (content.startsWith(mark) ? content.slice(mark.length).trim() : null);
/** Content of `bin/openmldb`; the machine runs it as that version. */
export const binaryOf = (version: string): string => `#!openmldb ${version}\n`;
export const versionInBinary = (content: string): string | null => /^#!openmldb (\S+)/.exec(content)?.[1] ?? null;

/** The files of a distribution below `directory`, as `tar -x` leaves them. */
export function layOutRelease(disk: Disk, directory: string, version: string): void {
  const files: Readonly<Record<string, string>> = {
    "bin/openmldb": binaryOf(version),
    "bin/start.sh": "#! /usr/bin/env bash\n",
    "bin/mon": "mon\n",
    "conf/openmldb-env.sh": `#! /usr/bin/env bash\nexport OPENMLDB_VERSION=${version}\n`,
    "conf/tablet.flags.template": "--role=tablet\n",
    "conf/nameserver.flags.template": "--role=nameserver\n",
    "conf/apiserver.flags.template": "--role=apiserver\n",
    "conf/taskmanager.properties.template": "server.port=9902\n",
    [`taskmanager/lib/openmldb-taskmanager-${version}.jar`]: `jar ${version}\n`,
    "taskmanager/bin/taskmanager.sh": "#! /usr/bin/env bash\n",
  };
  for (const [name, content] of Object.entries(files)) disk.write(`${directory}/${name}`, content);
}
