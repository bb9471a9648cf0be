import type { NodeProcess } from "../process.ts";
import type { Command } from "./metadata.ts";

/** What a controller keeps beside raft/ (facts 1.6): dfsMeta, sysmgmt, keys. With Raft they follow it; they are part of every backup. */
export function writeSideFiles(process: NodeProcess, command: Command): void {
  const { disk, home } = process;
  const { do: what } = command;
  if (what === "set-user" || what === "drop-user" || what === "set-function-view" || what === "drop-function-view")
    disk.append(`${home}/sysmgmt/aclEditlog.meta`, `${JSON.stringify({ do: what })}\n`);
  if (what === "create-database" || what === "create-table" || what === "drop-database" || what === "drop-table")
    disk.append(`${process.setting("dfsMetaDir", `${home}/dfsMeta`)}/DFSMetaLog.0`, `${JSON.stringify({ do: what })}\n`);
}

/** Made at the first start. False: they do not belong together. */
export function ensureKeys(process: NodeProcess): boolean {
  const [publicPath, privatePath] = [`${process.home}/keys/aclPublic.key`, `${process.home}/keys/aclPrivate.key`];
  const [open, secret] = [process.disk.read(publicPath), process.disk.read(privatePath)];
  if (open === null && secret === null) {
    const pair = process.random().toString(36).slice(2);
    process.disk.write(publicPath, `lab public ${pair}\n`);
    process.disk.write(privatePath, `lab private ${pair}\n`);
    return true;
  }
  const matches = open?.replace("public", "private") === secret;
  if (!matches) process.log("ERROR", "The RSA keys aclPublic.key and aclPrivate.key do not match.");
  return matches;
}
