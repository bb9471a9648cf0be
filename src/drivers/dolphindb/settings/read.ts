// Settings as the running system has them.
import type { SettingView } from "../../../model/driver.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import type { OpenedCluster } from "../open-cluster.ts";

export const readSettings = (_cluster: OpenedCluster, _facts: DdFacts, _keys: readonly string[]): Promise<readonly SettingView[]> =>
  Promise.resolve([]);
export const examineSettings = (_cluster: OpenedCluster, _facts: DdFacts, _goal: Goal): Promise<readonly Check[]> => Promise.resolve([]);
