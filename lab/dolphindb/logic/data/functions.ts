import { bool, text } from "../../value.ts";
import type { FunctionTable } from "../../script/values.ts";
import type { DataNode } from "./data-node.ts";

/** Functions of data and compute nodes (facts 2). */
export function dataFunctions(node: DataNode): FunctionTable {
  const { link } = node;
  return {
    getControllerAlias: () => text(link.leaderAlias ?? ""),
    isDataNodeInitialized: () => bool(node.isInitialised),
    isChunkNodeInit: () => bool(node.isInitialised),
    isNodeInitialized: () => bool(node.isInitialised),
  };
}
