// The vendor's packages (facts 1.4), with the lab's own programs inside.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { zipOf } from "../../kit/zip.ts";
import type { LabArchive } from "./lab-file.ts";

const here = import.meta.dirname;
/** Source in a checkout, compiled where the package is installed. */
const main = join(here, `main${extname(import.meta.filename)}`);

export interface Release {
  /** `2.00.8.12`. */
  readonly version: string;
  readonly flavour?: "JIT" | "ABI";
  readonly architecture?: "Linux64" | "ARM64";
  /** What its binary and library really are; only a package that lies has another one than `version`. */
  readonly binary?: string;
}
interface File {
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** As the name of a package has it. */
export const nameOf = ({ version, flavour }: Release): string => (flavour === undefined ? version : `${version}_${flavour}`);

/** Below `server/`. */
function filesOf(release: Release): ReadonlyMap<string, File> {
  const { version, flavour = "", architecture = "Linux64", binary = version } = release;
  const triple = version.split(".").slice(0, 3).join(".");
  const shipped = (name: string): File => ({
    content: readFileSync(join(here, "shipped", name), "utf8")
      .replaceAll("@RELEASE@", binary)
      .replaceAll("@FLAVOUR@", flavour)
      .replaceAll("x86_64", architecture === "ARM64" ? "aarch64" : "x86_64")
      .replaceAll("@NODE@", process.execPath)
      .replaceAll("@MAIN@", main),
    mode: 0o755,
  });
  const plain = (content: string | Uint8Array): File => ({ content, mode: 0o644 });
  const files = new Map<string, File>([
    ["dolphindb", shipped("dolphindb.sh")],
    ["libDolphinDB.so", plain(libraryOf(`${binary} ${flavour}`.trim(), architecture))],
    ["dolphindb.cfg", plain("mode=single\nlocalSite=localhost:8848:local8848\n")],
    ["dolphindb.dos", plain(`// Stillwater lab: startup script of ${version}\n`)],
    ["dolphindb.lic", plain(licence())],
    ["startSingle.sh", shipped("startSingle.sh")],
    ["stopSingle.sh", shipped("startSingle.sh")],
    ["web/index.html", plain(`<title>Stillwater lab of DolphinDB ${version}</title>\n`)],
    ["modules/ops.dos", plain(`module ops // Stillwater lab: ${version}\n`)],
    ["dict/jieba.dict.utf8", plain("Stillwater lab\n")],
    ["tzdb/asia", plain("Stillwater lab\n")],
    ["plugins/mysql/PluginMySQL.txt", plain(`mysql,libPluginMySQL.so,${triple}\n`)],
    ["plugins/mysql/libPluginMySQL.so", plain(libraryOf(`mysql ${triple}`, architecture))],
    ["clusterDemo/config/controller.cfg", plain("mode=controller\nlocalSite=localhost:8990:controller8990\n")],
    ["clusterDemo/config/agent.cfg", plain("mode=agent\nlocalSite=localhost:8960:agent1\ncontrollerSite=localhost:8990:controller8990\n")],
    ["clusterDemo/config/cluster.nodes", plain("localSite,mode\nlocalhost:8960:agent1,agent\nlocalhost:8961:node1,datanode\n")],
    ["clusterDemo/config/cluster.cfg", plain("maxMemSize=2\nmaxConnections=64\nworkerNum=4\n")],
    ["clusterDemo/lab-host.sh", { ...shipped("lab-host.sh"), mode: 0o644 }],
  ]);
  for (const name of ["startController.sh", "startAgent.sh", "stopAllNode.sh", "stopController.sh", "stopAgent.sh", "upgrade.sh"])
    files.set(`clusterDemo/${name}`, shipped(name));
  return files;
}

/** Keys of license() (facts 1.7). */
export function licence(changes: Readonly<Record<string, string | number>> = {}): string {
  const keys = {
    authorization: "commercial",
    licenseType: 0,
    maxMemoryPerNode: 512,
    maxCoresPerNode: 128,
    clientName: "Stillwater lab",
    bindCPU: "false",
    expiration: "2099.12.31",
    maxNodes: 128,
    version: "",
    modules: -1,
    ...changes,
  };
  return `${Object.entries(keys)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join("\n")}\n`;
}

/** The head of a 64 bit ELF file for that machine, and a text: who looks which architecture a package is for finds it. */
function libraryOf(text: string, architecture: "Linux64" | "ARM64"): Uint8Array {
  const head = Buffer.alloc(64);
  head.write("\u007fELF\u0002\u0001\u0001", "latin1");
  head.writeUInt16LE(3, 16);
  head.writeUInt16LE(architecture === "ARM64" ? 183 : 62, 18);
  head.writeUInt32LE(1, 20);
  head.writeUInt16LE(64, 52);
  return Buffer.concat([head, Buffer.from(`Stillwater lab\0${text}\0`)]);
}

/** The files of a release below `server`, which is made. */
export function layOutRelease(server: string, release: Release): void {
  for (const [name, { content, mode }] of filesOf(release)) {
    const path = join(server, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  }
}

/** `DolphinDB_Linux64_V2.00.8.12_JIT.zip` in `directory`, with `server/` on top. */
export function packRelease(directory: string, release: Release): LabArchive {
  const { architecture = "Linux64", binary = release.version } = release;
  const path = join(directory, `DolphinDB_${architecture}_V${nameOf(release)}.zip`);
  const members = [...filesOf(release)].map(([name, { content, mode }]) => ({ path: `server/${name}`, content: Buffer.from(content), mode }));
  writeFileSync(path, zipOf(members));
  return { version: nameOf(release), inside: release.flavour === undefined ? binary : `${binary}_${release.flavour}`, path };
}
