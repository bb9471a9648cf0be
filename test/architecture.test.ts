// The dependency rules of docs/architecture.md, and the one place that may name systems.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** Folder of src to the folders that it may import from, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  planner: ["model"],
  journal: ["model"],
  engine: ["model", "planner", "journal"],
  hosts: ["model"],
  cluster: ["model"],
  continuity: ["model"],
  report: ["model"],
  drivers: ["model", "planner"],
  usecases: ["model", "planner", "journal", "engine", "hosts", "cluster", "continuity", "report", "drivers"],
  cli: ["model", "planner", "usecases", "report"],
};
/** The doors to simulated clusters: the verb that runs them, and the demos of systems whose servers cannot be had. */
const doorsToLab = ["src/usecases/registry.ts", "src/usecases/lab.ts"];
/** What is pure: no clock, no randomness, no input or output. */
const pure = ["model", "planner", "report"];
const pureNode = new Set(["node:crypto"]);
/** Of node:*, what drivers may use: their servers are reached through the handles they are given. */
const driverNode = new Set(["node:crypto", "node:net", "node:tls", "node:timers/promises"]);

const product = globSync("src/**/*.ts").filter((file) => !file.endsWith(".test.ts") && !/conformance|fixtures|\/testing\//.test(file));
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:^import|^export|^\} from|import\()[^;]*?"([^"]+)"/gm)].map((match) => match[1] ?? "");
const folderOf = (file: string): string => file.split("/")[1] ?? "";
const local = (file: string, specifier: string): string => normalize(join(dirname(file), specifier));

describe("dependency rules", () => {
  it.each(product)("%s imports only what its folder may", (file) => {
    const folder = folderOf(file);
    const allowed = mayImport[folder];
    expect(allowed, `${folder} is not a folder of docs/architecture.md`).toBeDefined();
    const wrong = importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => local(file, specifier))
      .filter((target) => {
        if (target === "lab/index.ts" && doorsToLab.includes(file)) return false;
        if (!target.startsWith("src/")) return true;
        const to = folderOf(target);
        if (to === folder) return folder === "drivers" && target.split("/")[2] !== file.split("/")[2];
        return !(allowed ?? []).includes(to);
      });
    expect(wrong).toEqual([]);
  });

  it.each(product.filter((file) => pure.includes(folderOf(file))))("%s is pure", (file) => {
    expect(importsOf(file).filter((specifier) => specifier.startsWith("node:") && !pureNode.has(specifier))).toEqual([]);
    expect(readFileSync(file, "utf8")).not.toMatch(/Date\.now\(|Math\.random\(|performance\.now\(|process\.(env|pid|stdout)/);
  });

  it.each(product.filter((file) => folderOf(file) === "drivers" && !file.includes("/demo/") && !file.includes("/local/")))(
    "%s reaches its system through its handles",
    (file) => {
      expect(importsOf(file).filter((specifier) => specifier.startsWith("node:") && !driverNode.has(specifier))).toEqual([]);
    },
  );

  it.each(product.filter((file) => folderOf(file) !== "drivers" && file !== "src/usecases/registry.ts"))("%s names no system", (file) => {
    expect(readFileSync(file, "utf8")).not.toMatch(/\b(postgres(ql)?|openmldb|dolphindb|cdap|dataphin|etcd|valkey|redis)\b/i);
  });
});

describe("a lab knows nothing of the product that is tried on it", () => {
  it.each(globSync("lab/**/*.ts").filter((file) => !file.endsWith(".test.ts") && !/\/testing\//.test(file)))("%s", (file) => {
    const wrong = importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => local(file, specifier))
      .filter((target) => !target.startsWith("lab/") && !target.startsWith("src/model/"));
    expect(wrong).toEqual([]);
  });
});

describe("what judges imports nothing of what it judges", () => {
  it.each(globSync("robustness/validators/**/*.ts"))("%s", (file) => {
    expect(importsOf(file).filter((specifier) => specifier.startsWith(".") && !local(file, specifier).startsWith("robustness/validators"))).toEqual(
      [],
    );
  });
});
