// What of a goal only local files tell.
import type { Goal } from "../../../model/goal.ts";
import type { OpenedCluster } from "../open-cluster.ts";

export const completeGoal = (_cluster: OpenedCluster, goal: Goal): Promise<Goal> => Promise.resolve(goal);
