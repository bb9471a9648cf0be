// `npm install` drops the optional packages of other platforms from the lock file when a registry mirror does not carry them, and `npm ci` then
// refuses the lock file. This puts their entries back, so that they are skipped (not fetched) where they do not fit. Run it after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";

interface Entry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Entry> };
const operatingSystems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32", "wasm32"];
const processors = ["arm64", "x64", "arm", "ppc64", "riscv64", "s390x", "ia32", "wasm32", "loong64"];

let added = 0;
for (const owner of Object.values({ ...lock.packages }))
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path]) continue;
    const words = name.split("/").at(-1)?.split("-") ?? [];
    const os = operatingSystems.filter((each) => words.includes(each));
    const cpu = processors.filter((each) => words.includes(each));
    if (os.length + cpu.length === 0) throw new Error(`${name}: cannot tell its platform from its name`);
    const libc =
      words.includes("musl") || words.includes("musleabihf")
        ? ["musl"]
        : words.includes("gnu") || words.includes("gnueabihf")
          ? ["glibc"]
          : undefined;
    lock.packages[path] = {
      version,
      ...(cpu.length ? { cpu } : {}),
      dev: owner.dev ?? false,
      ...(libc ? { libc } : {}),
      optional: true,
      ...(os.length ? { os } : {}),
    };
    added++;
  }
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries put back`);
