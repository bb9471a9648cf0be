// What the vendors' pages say, numbered. A number never changes its meaning. `does`, `command` and `deviates` come with the test that shows them.

import { cdap } from "./cdap.ts";
import { dataphin } from "./dataphin.ts";
import { dolphindb } from "./dolphindb.ts";
import { openmldb } from "./openmldb.ts";

export interface Statement {
  readonly id: string;
  /** The page's words in short. */
  readonly says: string;
  /** What Stillwater does about it; null: nothing yet. */
  readonly does: string | null;
  readonly command: string | null;
  /** Why it deviates from the page, where it does. */
  readonly deviates: string | null;
}

export const pages: Readonly<Record<string, string>> = {
  DP: "Dataphin: Upgrade Notes",
  DD: "DolphinDB: Grayscale upgrade of an HA cluster",
  OM: "OpenMLDB: Upgrade",
  CD: "CDAP: Upgrade an application",
  OC: "OpenMLDB: Update Configuration",
};

export const statements: readonly Statement[] = [...openmldb, ...dataphin, ...dolphindb, ...cdap];
