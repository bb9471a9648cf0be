// Scheduling of nodes: paused and resumed one by one. Only offline code and integration nodes can be (facts 3.2).
import type { Fence } from "../../../../model/fence.ts";
import type { Api } from "../caller.ts";
import type { Environment } from "./projects.ts";

export interface NodesOfProject {
  readonly project: string;
  readonly environment: Environment;
  readonly nodeIds: readonly string[];
}
const commandOf = ({ project, nodeIds }: NodesOfProject) => ({ ProjectId: project, NodeIdList: nodeIds });

/** A paused node's instances keep their status and do not run; what is below them is not triggered. */
export async function pauseNodes(api: Api, fence: Fence, nodes: NodesOfProject): Promise<void> {
  await api.effect(fence, "PausePhysicalNode", { Env: nodes.environment, PauseCommand: commandOf(nodes) });
}
export async function resumeNodes(api: Api, fence: Fence, nodes: NodesOfProject): Promise<void> {
  await api.effect(fence, "ResumePhysicalNode", { Env: nodes.environment, ResumeCommand: commandOf(nodes) });
}
