// Packages in memory: a text that names release, flavour and architecture; unpacking it makes the tree of the vendor's zip (facts 1.4).
import type { Disk } from "../../kit/disk.ts";

export interface Package {
  /** `2.00.8.12`. */
  readonly release: string;
  /** Empty: the ordinary one. */
  readonly flavour: "" | "JIT" | "ABI";
  readonly architecture: "Linux64" | "ARM64";
}
const mark = "dolphindb package ";

export const packageName = ({ release, flavour, architecture }: Package): string =>
  `DolphinDB_${architecture}_V${release}${flavour === "" ? "" : `_${flavour}`}.zip`;
export const packageOf = (release: string, flavour: Package["flavour"] = ""): Package => ({ release, flavour, architecture: "Linux64" });
/** Content of the zip in memory. */
export const contentOf = (made: Package): string => `${mark}${JSON.stringify(made)}\n`;
/** Null: no package. */
export const packageIn = (content: string): Package | null => (content.startsWith(mark) ? (JSON.parse(content.slice(mark.length)) as Package) : null);

/** Content of `dolphindb`; the machine runs it as that release. */
const binaryOf = ({ release, flavour }: Package): string => `#!dolphindb ${release}${flavour === "" ? "" : `_${flavour}`}\n`;
/** `2.00.8.12` or `2.00.8.12_JIT`; null: no binary of this lab. */
export const releaseOfBinary = (content: string | null): string | null => /^#!dolphindb (\S+)/.exec(content ?? "")?.[1] ?? null;

/** What of a package is the operator's once it is installed: the vendor's script leaves it alone. */
export const kept: ReadonlySet<string> = new Set(["clusterDemo", "dolphindb.cfg", "dolphindb.lic", "startSingle.sh", "stopSingle.sh"]);

/** Relative paths below `server/`. */
export function filesOf(made: Package): Readonly<Record<string, string>> {
  const { release } = made;
  const triple = release.split(".").slice(0, 3).join(".");
  return {
    dolphindb: binaryOf(made),
    "libDolphinDB.so": `library ${release}\n`,
    "libopenblas.so": "library openblas\n",
    "dolphindb.dos": `// startup script of ${release}\n`,
    "dolphindb.cfg": "mode=single\nlocalSite=localhost:8848:local8848\n",
    "dolphindb.lic": "community\n",
    "startSingle.sh": "#!/bin/sh\n",
    "stopSingle.sh": "#!/bin/sh\n",
    "web/index.html": `<title>${release}</title>\n`,
    "modules/ops.dos": `module ops // ${release}\n`,
    "dict/jieba.dict.utf8": "dictionary\n",
    "tzdb/asia": "zone\n",
    "plugins/mysql/PluginMySQL.txt": `mysql,libPluginMySQL.so,${triple}\n`,
    "plugins/mysql/libPluginMySQL.so": `plugin ${triple}\n`,
    "clusterDemo/startController.sh": "#!/bin/sh\n",
    "clusterDemo/startAgent.sh": "#!/bin/sh\n",
    "clusterDemo/stopAllNode.sh": "#!/bin/sh\n",
    "clusterDemo/upgrade.sh": "#!/bin/bash\n",
    "clusterDemo/config/controller.cfg": "mode=controller\n",
    "clusterDemo/config/agent.cfg": "mode=agent\n",
    "clusterDemo/config/cluster.nodes": "localSite,mode\n",
    "clusterDemo/config/cluster.cfg": "maxMemSize=2\n",
  };
}

/** As `unzip -d directory` leaves it: everything below `directory/server`. */
export function unzip(disk: Disk, made: Package, directory: string): void {
  for (const [name, content] of Object.entries(filesOf(made))) disk.write(`${directory}/server/${name}`, content);
}
