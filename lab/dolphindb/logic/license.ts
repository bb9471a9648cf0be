import { compareReleases } from "./release.ts";
import { ServerError } from "./node.ts";
import type { NodeProcess } from "./process.ts";
import { dayNumber } from "../script/temporal.ts";
import type { LabValue } from "../value.ts";
import { scalar, symbols } from "../script/values.ts";

/** Keys of license() (facts 1.7), as the lab's file has them: one `key=value` a line. */
export interface License {
  readonly text: Readonly<Record<string, string>>;
  /** Days since 1970. */
  readonly expiration: number;
}
const FOR_EVER = dayNumber(2099, 12, 31) ?? 0;
const DAY_MS = 86_400_000;

export const licensePath = (process: NodeProcess): string => `${process.server}/dolphindb.lic`;

/** Error ServerError: there is none, or it cannot be read. */
export function readLicense(process: NodeProcess, path: string = licensePath(process)): License {
  const content = process.disk.read(path);
  if (content === null) throw new ServerError(`The license file ${path} does not exist.`);
  const text: Record<string, string> = {};
  for (const line of content.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) text[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  const [year = 0, month = 0, day = 0] = (text["expiration"] ?? "2099.12.31").split(".").map(Number);
  return { text, expiration: dayNumber(year, month, day) ?? FOR_EVER };
}

/** What a start demands: an expired licence is tolerated by what runs, and by no start (facts 1.7). */
export function checkLicense(process: NodeProcess): License {
  const license = readLicense(process);
  const today = Math.floor(process.clock.now() / DAY_MS);
  if (today > license.expiration) throw new ServerError("The license has expired.");
  const cap = license.text["version"] ?? "";
  // `2.00.8` allows every build of 2.00.8.
  const own = process.component.release.split("_")[0] ?? "";
  const shortened = own.split(".").slice(0, cap.split(".").length).join(".");
  if (cap !== "" && compareReleases(shortened, cap) > 0) throw new ServerError(`The license allows versions up to ${cap}: this server is ${own}.`);
  return license;
}

export function licenseValue({ text, expiration }: License): LabValue {
  const numbers = ["maxNodes", "maxMemoryPerNode", "maxCoresPerNode", "licenseType", "modules"] as const;
  const defaults: Readonly<Record<string, string>> = {
    maxNodes: "128",
    maxMemoryPerNode: "512",
    maxCoresPerNode: "128",
    licenseType: "0",
    modules: "-1",
  };
  const entries: (readonly [string, LabValue])[] = [
    ["authorization", scalar("string", text["authorization"] ?? "commercial")],
    ["clientName", scalar("string", text["clientName"] ?? "Stillwater lab")],
    ["bindCPU", scalar("bool", text["bindCPU"] === "true")],
    ["expiration", scalar("date", expiration)],
    ["version", scalar("string", text["version"] ?? "")],
    ...numbers.map(
      (name) =>
        [name, name === "modules" ? scalar("long", BigInt(text[name] ?? "-1")) : scalar("int", Number(text[name] ?? defaults[name]))] as const,
    ),
  ];
  return { form: "dictionary", keys: symbols(entries.map(([key]) => key)), values: { form: "tuple", items: entries.map(([, value]) => value) } };
}
