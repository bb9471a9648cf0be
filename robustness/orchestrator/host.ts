// A host as one process of Stillwater has it: dead, it asks nothing more.
import type { Host } from "../../src/model/host.ts";
import type { Mortal } from "./process.ts";

export function mortalHost(host: Host, process: Mortal): Host {
  const { live } = { live: process.live.bind(process) };
  return {
    name: host.name,
    query: (argv, options) => live(() => host.query(argv, options)),
    readFile: (path) => live(() => host.readFile(path)),
    readText: (path) => live(() => host.readText(path)),
    stat: (path) => live(() => host.stat(path)),
    list: (directory) => live(() => host.list(directory)),
    sha256: (path) => live(() => host.sha256(path)),
    process: (pid) => live(() => host.process(pid)),
    detached: (token) => live(() => host.detached(token)),
    freeBytes: (path) => live(() => host.freeBytes(path)),
    run: (fence, argv, options) => live(() => host.run(fence, argv, options)),
    runDetached: (fence, token, argv, options) => live(() => host.runDetached(fence, token, argv, options)),
    writeFile: (fence, path, content, options) => live(() => host.writeFile(fence, path, content, options)),
    removeFile: (fence, path) => live(() => host.removeFile(fence, path)),
    makeDirectory: (fence, path, mode) => live(() => host.makeDirectory(fence, path, mode)),
    upload: (fence, localPath, path, sha256) => live(() => host.upload(fence, localPath, path, sha256)),
    unpack: (fence, archive, directory) => live(() => host.unpack(fence, archive, directory)),
    swap: (fence, change) => live(() => host.swap(fence, change)),
    backup: (fence, sources, directory) => live(() => host.backup(fence, sources, directory)),
    restore: (fence, directory) => live(() => host.restore(fence, directory)),
  };
}
