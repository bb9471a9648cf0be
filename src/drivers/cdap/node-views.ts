// The rows of `inspect` and `status`. Pure.
import type { NodeView } from "../../model/facts.ts";
import type { CdapFacts } from "./facts.ts";

export const nodeViews = (facts: CdapFacts): readonly NodeView[] =>
  Object.entries(facts.structure.nodes).map(([name, { role, endpoint }]) => {
    const now = facts.now.nodes[name];
    const state = now?.state ?? "unreachable";
    return {
      name,
      role,
      endpoint,
      version: state === "serving" ? facts.structure.version : null,
      // The API tells only what runs.
      installed: null,
      state,
      detail: now?.detail ?? "",
    };
  });
