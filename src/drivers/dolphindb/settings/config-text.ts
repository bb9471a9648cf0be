// Files of the form key=value: controller.cfg, agent.cfg, cluster.cfg (facts 1.5).

/** Key to value; a later line counts more than an earlier one. Comments (#) and lines without `=` are left out. */
export function readConfigText(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.set(key, value);
  }
  return found;
}
