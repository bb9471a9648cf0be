import type { Scenario } from "../scenario.ts";
import { cdap } from "./cdap/scenario.ts";
import { dataphin } from "./dataphin/scenario.ts";
import { dolphindb } from "./dolphindb/scenario.ts";
import { etcd } from "./etcd/scenario.ts";
import { openmldb, openmldbAll } from "./openmldb/scenario.ts";
import { guarded } from "./guarded.ts";
import { postgres } from "./postgres/scenario.ts";

export const scenarios: readonly Scenario[] = [postgres, etcd, dolphindb, openmldb, openmldbAll, cdap, dataphin, guarded];
