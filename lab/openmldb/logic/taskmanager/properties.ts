import type { Component, Surroundings } from "../node.ts";

export interface TaskmanagerProperties {
  readonly endpoint: string;
  readonly rootPath: string;
  readonly sessionTimeoutMs: number;
  readonly sparkMaster: string;
}

/** Lines `key=value`; `#` and `!` begin a comment. */
export function parseProperties(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n").map((line) => line.trim());
  const pairs = lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("!"));
  return Object.fromEntries(
    pairs.map((line) => {
      const at = line.search(/[=:]/);
      return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/**
 * What holds for a taskmanager from now until it ends: read once, from the copy below taskmanager/conf/ that bin/start.sh makes of
 * conf/taskmanager.properties at each start (facts 3.2, OC-8). Without a copy: what the component was given.
 */
export function propertiesOf({ directory, flags, endpoint }: Component, { disk }: Surroundings): TaskmanagerProperties {
  const copy = disk.read(`${directory}/taskmanager/conf/taskmanager.properties`);
  const properties = copy === null ? flags : parseProperties(copy);
  const [ownHost = "", ownPort = ""] = endpoint.split(":");
  const host = properties["server.host"] ?? "";
  return {
    endpoint: `${host === "" || host === "0.0.0.0" ? ownHost : host}:${properties["server.port"] ?? ownPort}`,
    rootPath: properties["zookeeper.root_path"] ?? "/openmldb",
    sessionTimeoutMs: Number(properties["zookeeper.session_timeout"] ?? 5_000),
    sparkMaster: properties["spark.master"] ?? "local[*]",
  };
}
