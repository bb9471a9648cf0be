import type { Platform } from "../logic/platform.ts";
import { plugApplications, type PlugOptions } from "./plug.ts";
import { seed, type SeedOptions } from "./seed/seed.ts";

export interface InstallOptions extends SeedOptions, PlugOptions {
  /** What is said to run is started with the first server. Default: true. */
  readonly running?: boolean;
}

/** Plugs the lab's applications into each server of one storage; what is in them when the lab begins goes into the first. */
export function installed(options: InstallOptions = {}): (platform: Platform) => void {
  return (platform) => {
    const plugged = plugApplications(platform, options);
    const { cluster, programs } = platform;
    const state = cluster.part<{ done: boolean }>("seeded", () => ({ done: false }));
    if (state.done) return;
    state.done = true;
    const started = seed(platform, plugged, options);
    if (options.running === false) return;
    cluster.onStart(() => {
      for (const program of started) programs.start(program);
    });
  };
}
