import { expect, test } from "vitest";
import { versionOfBatchJar, versionOfBinary, versionOfEnvironment, versionOfPage, versionOfTaskmanagerJar } from "./release-version.ts";

test("A release tells its version by its binary, its environment file and its jars", () => {
  expect(versionOfBinary("openmldb version 0.9.2-c5ffa752\nDebug build (NDEBUG not #defined)\n")).toBe("0.9.2");
  expect(versionOfBinary("openmldb version 0.4.0.abcdef\n")).toBe("0.4.0");
  expect(versionOfBinary("sh: 1: exec format error")).toBeNull();
  expect(versionOfPage("0.9.2-c5ffa752\n")).toBe("0.9.2");
  expect(versionOfEnvironment("#! /usr/bin/env bash\nexport OPENMLDB_VERSION=0.8.5\n# export OPENMLDB_VERSION=0.1.0\n")).toBe("0.8.5");
  expect(versionOfEnvironment("export OPENMLDB_MODE=cluster\n")).toBeNull();
  expect(versionOfTaskmanagerJar("openmldb-taskmanager-0.9.2.jar")).toBe("0.9.2");
  expect(versionOfTaskmanagerJar("openmldb-taskmanager-0.9.2-SNAPSHOT.jar")).toBe("0.9.2");
  expect(versionOfTaskmanagerJar("openmldb-batchjob-0.9.2.jar")).toBeNull();
  expect(versionOfBatchJar("openmldb-batch-0.9.2.jar")).toBe("0.9.2");
  expect(versionOfBatchJar("openmldb-batchjob-0.9.2.jar")).toBeNull();
});
