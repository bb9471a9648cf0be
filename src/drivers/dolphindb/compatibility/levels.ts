// What each of the vendor's five compatibility levels promises (facts 1.7), as data.

export const levels = [1, 2, 3, 4, 5] as const;
export type Level = (typeof levels)[number];
/** Host by host is supported from this level on. */
export const rollingLevel: Level = 4;

export interface LevelMeaning {
  readonly scripts: string;
  readonly data: string;
  readonly plugins: string;
  readonly clients: string;
  readonly rolling: "supported" | "possibly unsupported";
  readonly wayBack: string;
}
export const levelMeanings: Readonly<Record<Level, LevelMeaning>> = {
  1: {
    scripts: "functions that were deprecated for a year may be gone",
    data: "the new release reads what the old one wrote, not the other way round",
    plugins: "must be replaced, and scripts that call them may have to change",
    clients: "must be built again",
    rolling: "possibly unsupported",
    wayBack: "only after every node was shut down gracefully before the upgrade, from the backups of the metadata",
  },
  2: {
    scripts: "unchanged",
    data: "the new release reads what the old one wrote, not the other way round",
    plugins: "must be replaced; scripts that call them stay as they are",
    clients: "must be built again",
    rolling: "possibly unsupported",
    wayBack: "only after every node was shut down gracefully before the upgrade, from the backups of the metadata",
  },
  3: {
    scripts: "unchanged",
    data: "data files are readable both ways, metadata is not",
    plugins: "may stay",
    clients: "may stay",
    rolling: "possibly unsupported",
    wayBack: "from the backups of the metadata",
  },
  4: {
    scripts: "unchanged",
    data: "data files are readable both ways, metadata is not",
    plugins: "may stay",
    clients: "may stay",
    rolling: "supported",
    wayBack: "from the backups of the metadata, as long as the new release has written no data",
  },
  5: {
    scripts: "unchanged",
    data: "everything is readable both ways",
    plugins: "may stay",
    clients: "may stay",
    rolling: "supported",
    wayBack: "at any time, also after data was written",
  },
};
export const levelSource = "vendor's Compatibility Levels, section 3; facts 1.7";
