// A real-time pipeline whose upgrade the server answers with 501: deployed again under its name, with the artefacts of the target in its configuration
// (facts 4.4). Only when the operator asked for it: a new deployment has a new pipeline id, so checkpoints of the old one are not read any more.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import type { Item } from "../../../model/step.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapArtifact, CdapFacts } from "../facts.ts";
import { exactMeaningOf, meaningOf, parseConfiguration, pluginsBehind, withTargets } from "../ledger/configuration.ts";
import { appKey } from "../ledger/program-directory.ts";
import type { StepParams } from "../step-names.ts";
import { steps } from "../steps.ts";
import type { Desk } from "./desk.ts";

const settleMs = 60_000;
type Before = { readonly artifact: CdapArtifact; readonly configuration: string };

/** `config` as an object suits every version (facts 3.1); `change` is left out, its parent may not be the latest any more. */
export const appRequest = (artifact: CdapArtifact, config: Json): Json => ({ artifact, config, "app.deploy.update.schedules": false });

export function redeployPipeline(desk: Desk): NamedOperation<CdapFacts, StepParams["redeployPipeline"]> {
  const { api } = desk.cluster;
  const read = async ({ pipeline }: StepParams["redeployPipeline"]) => {
    const detail = await api.appDetail(pipeline.ns, pipeline.app);
    if (detail === null) throw new StillwaterError("SW2106", `${appKey(pipeline)} is not there any more.`, { object: appKey(pipeline) });
    return detail;
  };
  return operation<CdapFacts, StepParams["redeployPipeline"], Before>("redeployPipeline", {
    settleMs,
    fenced: api.via === null ? "unfenced" : "host",
    prepare: async (params) => {
      const { artifact, configuration } = await read(params);
      return { artifact, configuration: configuration ?? "{}" };
    },
    look: async (params): Promise<Look> => {
      const { targets, pipeline } = params;
      const { artifact, configuration, appVersion } = await read(params);
      const behind = pluginsBehind(configuration, targets);
      const target = targets[pipeline.artifact.name];
      if (artifact.version === target && behind.length === 0)
        return { is: "done", proof: { from: pipeline.artifact.version, to: artifact.version, version: appVersion } };
      return { is: "open", why: [`${artifact.name} ${artifact.version}`, ...behind].join(", ") };
    },
    act: async (params, { before }, context) => {
      const { targets, pipeline } = params;
      const target = targets[pipeline.artifact.name] ?? before.artifact.version;
      const { configuration, artifact, appVersion } = await read(params);
      // Somebody else has deployed it meanwhile: his configuration is not overwritten with ours.
      if (appVersion !== pipeline.version && meaningOf(configuration) !== meaningOf(before.configuration))
        throw new StillwaterError("SW2106", `${appKey(pipeline)} was changed by somebody else since the plan: it has version ${appVersion} now.`, {
          object: appKey(pipeline),
          remedy: "Abort, and plan again.",
        });
      const request = appRequest({ ...artifact, version: target }, withTargets(configuration, targets));
      const { status, words } = await context.send(api.via, (fence) => api.deployApp(fence, pipeline.ns, pipeline.app, request));
      if (status !== 200)
        throw new StillwaterError("SW2106", `${appKey(pipeline)} was not deployed: ${String(status)} ${words}`, { object: appKey(pipeline) });
      return null;
    },
    undo: ({ pipeline: { ns, app } }, { artifact, configuration }): readonly Item[] => [
      steps.deployAgain("deploy again", { ns, app, artifact, configuration }),
    ],
  });
}

export function deployAgain(desk: Desk): NamedOperation<CdapFacts, StepParams["deployAgain"]> {
  const { api } = desk.cluster;
  return operation<CdapFacts, StepParams["deployAgain"]>("deployAgain", {
    settleMs,
    fenced: api.via === null ? "unfenced" : "host",
    look: async ({ ns, app, artifact, configuration }): Promise<Look> => {
      const detail = await api.appDetail(ns, app);
      const same =
        detail !== null && detail.artifact.version === artifact.version && exactMeaningOf(detail.configuration) === exactMeaningOf(configuration);
      return same
        ? { is: "done", proof: { version: detail.appVersion } }
        : { is: "open", why: detail === null ? "it is gone" : `it has ${detail.artifact.version}` };
    },
    act: async ({ ns, app, artifact, configuration }, _, context) => {
      const request = appRequest(artifact, parseConfiguration(configuration));
      const { status, words } = await context.send(api.via, (fence) => api.deployApp(fence, ns, app, request));
      if (status !== 200)
        throw new StillwaterError("SW2106", `${ns}.${app} was not deployed: ${String(status)} ${words}`, { object: `${ns}.${app}` });
      return null;
    },
  });
}
