// What users of CDAP meet, tried beside a run: the API behind the user interface, and the router alone (facts 1.2).
import type { FeatureOutcome, Watches } from "../../model/watch.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { CdapCluster } from "./open-cluster.ts";
import { CdapRefused } from "./wire/errors.ts";

/** Logon, management and starts go through it: namespaces are read from the storage, so it stands for them. */
export const apiFeature = "API and user interface";
export const routerFeature = "router";

export const watches = ({ api }: Pick<CdapCluster, "api">): Watches => ({
  features: [
    {
      feature: apiFeature,
      everyMs: 2_000,
      withinMs: 10_000,
      try: () => tried(async () => `${String((await api.namespaces(0)).length)} namespaces`),
    },
    {
      feature: routerFeature,
      everyMs: 2_000,
      withinMs: 10_000,
      try: () =>
        tried(async () => {
          if (!(await api.ping())) throw new Unreachable("/ping is not answered with 200");
          return "pong";
        }),
    },
  ],
  events: [],
  close: async () => undefined,
});

async function tried(work: () => Promise<string>): Promise<FeatureOutcome> {
  try {
    return { is: "works", detail: await work() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { is: error instanceof CdapRefused || error instanceof Refused ? "refused" : "failed", why };
  }
}
