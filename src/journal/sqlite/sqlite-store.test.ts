import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformance } from "../conformance.ts";
import { openSqliteStore } from "./sqlite-store.ts";

// In memory where it can be had: thousands of commits that each wait for a disk would make this suite slow. The tests with processes use the disk.
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

storeConformance("sqlite", async () => {
  const directory = await mkdtemp(join(parent, "stillwater-journal-"));
  return {
    open: async (now) => openSqliteStore({ directory, now }),
    remove: () => rm(directory, { recursive: true }),
  };
});
