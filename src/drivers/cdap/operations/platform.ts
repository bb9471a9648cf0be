// CDAP itself: replaced by a person, a command or the operator of Kubernetes, and ready only when everything of facts 1.2 holds.
import type { Look } from "../../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import { baseOf, isAtLeast } from "../matrix/version.ts";
import type { StepParams } from "../step-names.ts";
import { CdapRefused } from "../wire/errors.ts";
import { commandNamed, commandState, lastLine, saying, Tries, type CommandName, type CommandState, type Told } from "./commanded.ts";
import type { Desk } from "./desk.ts";
import { kubernetesLook, patchOf, refuseFailed } from "./kubernetes.ts";

type Replace = StepParams["replacePlatform"];

const commandMs = 30_000;
/** A command or a patch whose answer was lost may still begin. */
const settleMs = 45_000;

/** Null: nothing answers, or a service behind the router does not. */
async function versionNow({ cluster: { api } }: Desk): Promise<string | null> {
  try {
    return await api.version(0);
  } catch (error) {
    if (error instanceof Unreachable) return null;
    throw error;
  }
}

/** Which version answers. `is` old: the point of no return has not been passed, so an abort is possible. */
export interface Seen {
  readonly is: "old" | "new" | "neither";
  readonly words: string;
  /** Of a step that is done. */
  readonly proof: { readonly from: string | null; readonly to: string; readonly by: string };
}
async function seen(desk: Desk, { version, from }: StepParams["awaitReplacement"], by: string): Promise<Seen> {
  const is = await versionNow(desk);
  return {
    is: is === version ? "new" : is !== null && is === from ? "old" : "neither",
    words: is === null ? "nothing answers" : `it answers as ${is}`,
    proof: { from, to: version, by },
  };
}

/** Without an act of ours: it counts as begun once the person was asked, and that CDAP is down meanwhile stops nothing. */
export function awaitReplacement(desk: Desk): NamedOperation<CdapFacts, StepParams["awaitReplacement"]> {
  return operation<CdapFacts, StepParams["awaitReplacement"]>("awaitReplacement", {
    look: async (params): Promise<Look> => {
      const { is, words, proof } = await seen(desk, params, "operator");
      if (is === "new") return { is: "done", proof };
      const why = `CDAP ${params.version}: ${words}`;
      return is === "old" ? { is: "open", why } : { is: "waiting", for: why };
    },
  });
}

export function replacePlatform(desk: Desk): NamedOperation<CdapFacts, Replace> {
  const { host } = desk.cluster.router;
  const tries = new Tries();
  return operation<CdapFacts, Replace, CommandName, Told | null>("replacePlatform", {
    settleMs,
    answersSettle: true,
    fenced: "host",
    prepare: async ({ version }, { now }) => commandNamed(`replace-${version}`, now),
    look: async (params, { before }): Promise<Look> => {
      const now = await seen(desk, params, params.by);
      return params.by === "kubernetes" ? kubernetesLook(desk, params, now) : commandLook(await commandState(host, before), params, now);
    },
    act: async (params, { before, receipt }, context) => {
      const { by, command, resource } = params;
      if (by === "kubernetes" && resource !== null) {
        await refuseFailed(desk, resource);
        const { code, stderr } = await context.send(host.name, (fence) => host.run(fence, patchOf(resource), { timeoutMs: commandMs }));
        if (code !== 0)
          throw new Unreachable(`kubectl patch ended with ${String(code)}: ${lastLine(stderr)}`, { code: "SW3004", object: resource.name });
        return null;
      }
      const object = `${command.join(" ")} on ${host.name}`;
      return tries.begin({ host, named: before, argv: command, receipt, failure: (how) => failure(how, params, object) }, context);
    },
  });
}
const failure = (how: string, { from }: Replace, object: string): StillwaterError =>
  new StillwaterError("SW2106", `The command that replaces CDAP ${how}. CDAP answers as ${from ?? "before"}.`, {
    object,
    remedy: "Mend the cause and `stillwater resume`: it runs once more. Or `stillwater abort`: what was stopped runs again, on the former version.",
  });

/** The new version may answer while the command still works: what comes next waits for its end. */
function commandLook(state: CommandState, { version, from }: Replace, { is, words, proof }: Seen): Look {
  switch (state.is) {
    case "absent":
      // Whatever it is that does not answer, it is not ours to replace now.
      if (is === "neither") return { is: "waiting", for: `an answer of CDAP ${from ?? ""} before it is replaced: ${words}` };
      return is === "new" ? { is: "done", proof } : { is: "open", why: words };
    case "running":
      return { is: "waiting", for: saying(`the command to end (${words})`, state.said) };
    case "ended":
      return is === "new" ? { is: "done", proof } : { is: "waiting", for: `CDAP ${version}: the command has ended, ${words}` };
    case "failed":
      if (is === "old") return { is: "open", why: `the command ${state.how}; ${words}` };
      return {
        is: "unclear",
        known: [`the command ${state.how}`, words],
        unknown: [
          `in which state it has left the installation: once ${version} is in order, mark the step done; once ${from ?? "the former version"} answers, resume or abort`,
        ],
      };
  }
}

export function platformReady(desk: Desk): NamedOperation<CdapFacts, StepParams["platformReady"]> {
  return operation<CdapFacts, StepParams["platformReady"]>("platformReady", {
    look: async ({ version }): Promise<Look> => {
      const missing = await notReady(desk, version);
      return missing === null ? { is: "done", proof: { version: await desk.cluster.api.version(0) } } : { is: "waiting", for: missing };
    },
  });
}

/** Null: ready. What is missing first, in the order of facts 1.2. */
async function notReady({ cluster: { api } }: Desk, version: string | null): Promise<string | null> {
  try {
    if (!(await api.ping())) return "the router answers /ping, and not with OK";
    const is = await api.version(0);
    if (version !== null && is !== version) return `/v3/version says ${is}`;
    const bad = Object.entries(await api.servicesStatus(0)).filter(([, status]) => status !== "OK");
    if (bad.length > 0) return bad.map(([name, status]) => `${name} is ${status}`).join(", ");
    await api.namespaces();
    // Before 6.1 there is no application of the system.
    if (!isAtLeast(is, "6.1.0")) return null;
    const apps = await api.listApps("system");
    if (!apps.some(({ name }) => name === "pipeline")) return "the system application pipeline is not deployed";
    const [studio] = await api.programStatuses("system", [{ ns: "system", app: "pipeline", type: "services", program: "studio" }]);
    return studio === "RUNNING" ? null : `pipeline studio is ${studio ?? "not there"}`;
  } catch (error) {
    if (error instanceof CdapRefused) throw error;
    if (error instanceof Unreachable) return error.message;
    throw error;
  }
}

export function loadSystemArtifacts(desk: Desk): NamedOperation<CdapFacts, StepParams["loadSystemArtifacts"]> {
  const { api } = desk.cluster;
  // A patch revision (6.10.1.4) may come with the artefacts of its release (facts 5.2).
  const loaded = async (version: string): Promise<boolean> =>
    (await api.artifacts("system")).some((artifact) => artifact.version === version || artifact.version === baseOf(version));
  return operation<CdapFacts, StepParams["loadSystemArtifacts"]>("loadSystemArtifacts", {
    settleMs: 30_000,
    answersSettle: true,
    fenced: api.via === null ? "unfenced" : "host",
    look: async ({ version }): Promise<Look> =>
      (await loaded(version)) ? { is: "done" } : { is: "open", why: `there is no system artefact of ${version}` },
    act: async ({ version }, _, context) => {
      const { status, words } = await context.send(api.via, (fence) => api.loadSystemArtifacts(fence));
      if (status !== 200)
        throw new StillwaterError("SW2106", `The system artefacts of ${version} were not loaded: ${String(status)} ${words}`, {
          object: "/v3/namespaces/system/artifacts",
          remedy: "Look into app.artifact.dir of the server and its log, and `stillwater resume`: it is asked again.",
        });
      return null;
    },
  });
}
