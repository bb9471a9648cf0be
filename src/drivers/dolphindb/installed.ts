// Which version lies in an installation directory, without running it: a second server of the same directory would write into its files.
import type { FileState, HostReader } from "../../model/host.ts";
import { Unreachable } from "../../model/errors.ts";
import { ReleaseText } from "./local/release-text.ts";

/** As ReleaseText finds it: lines are 1.30, 2.00, 3.00 and so on; a fourth number is the build; what version() says has a date behind it. */
const releasePattern = String.raw`(^|[^0-9.])[1-9]\.[0-9]0\.[0-9]{1,2}(\.[0-9]{1,2})?(_JIT|_ABI)?( 20[0-9]{2}\.[0-9]{2}\.[0-9]{2}|[^0-9.]|$)`;
const carriers = ["dolphindb", "libDolphinDB.so"] as const;
/** Milliseconds: hundreds of megabytes are read. */
const searchTimeoutMs = 60_000;

/** Null: a text that carries none, or several. */
export function releaseIn(text: string): string | null {
  const found = new ReleaseText();
  found.take(Buffer.from(text));
  const versions = new Set(found.end().map(({ version }) => version));
  const [only = null] = versions;
  return versions.size === 1 ? only : null;
}

/** Null: there is no installation, or its binaries do not say. Throws Unreachable when the host does not answer. */
export async function installedVersion(host: HostReader, server: string): Promise<string | null> {
  for (const carrier of carriers) {
    const path = `${server}/${carrier}`;
    const { code, stdout, stderr } = await host.query(["grep", "-aohE", releasePattern, path], { timeoutMs: searchTimeoutMs });
    const release = releaseIn(stdout);
    if (release !== null) return release;
    // 1: not a line; 2: there is no such file, which `stat` tells apart from one that may not be read.
    if (code > 1 && (await host.stat(path)).kind !== "absent")
      throw new Unreachable(`${path} on ${host.name} cannot be read: ${stderr.trim()}`, { code: "SW3005", object: host.name });
  }
  return null;
}

/** The installation of a host is the same for all its nodes and rarely changes: what was found is kept until the files do. */
export class Installations {
  readonly #known = new Map<string, { readonly files: string; readonly version: Promise<string | null> }>();

  async version(host: HostReader, server: string): Promise<string | null> {
    const states = await Promise.all(carriers.map((name) => host.stat(`${server}/${name}`)));
    // A small file, as that of a lab, can change within the second that its time tells.
    const small = await Promise.all(carriers.map((name, index) => this.#digest(host, `${server}/${name}`, states[index])));
    const files = JSON.stringify([states, small]);
    const key = `${host.name} ${server}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.files === files) return known.version;
    const version = installedVersion(host, server);
    this.#known.set(key, { files, version });
    version.catch(() => this.#known.delete(key));
    return version;
  }
  async #digest(host: HostReader, path: string, state: FileState | undefined): Promise<string | null> {
    return state?.kind === "file" && state.bytes < 65_536 ? host.sha256(path) : null;
  }
}
