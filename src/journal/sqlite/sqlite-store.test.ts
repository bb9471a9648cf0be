import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformance } from "../conformance.ts";
import { openSqliteStore } from "./sqlite-store.ts";

storeConformance("sqlite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stillwater-journal-"));
  return {
    open: async (now) => openSqliteStore({ directory, now }),
    remove: () => rm(directory, { recursive: true }),
  };
});
