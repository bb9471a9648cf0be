// CDAP itself: replaced by a person, a command or the operator of Kubernetes, and ready only when everything of facts 1.2 holds.
import type { Look } from "../../../model/driver.ts";
import { Unreachable } from "../../../model/errors.ts";
import { operation, type NamedOperation } from "../../../planner/kit.ts";
import type { CdapFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import { CdapRefused } from "../wire/errors.ts";
import type { Desk } from "./desk.ts";

type Replace = StepParams["replacePlatform"];
/** Of a command that Stillwater has begun; a second one after it has failed has another name. */
type Begun = { readonly token: string; readonly attempt: number };

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

export function replacePlatform(desk: Desk): NamedOperation<CdapFacts, Replace> {
  const { host } = desk.cluster.router;
  return operation<CdapFacts, Replace, null, Begun | null>("replacePlatform", {
    settleMs,
    fenced: "host",
    look: async (params, { receipt }): Promise<Look> => {
      const is = await versionNow(desk);
      if (is === params.version) return { is: "done", proof: { from: params.from, to: is, by: params.by } };
      const now = is === null ? "nothing answers" : `it answers as ${is}`;
      if (params.by === "operator") return { is: "waiting", for: `CDAP ${params.version}: ${now}` };
      if (params.by === "kubernetes") return kubernetesLook(desk, params, now);
      if (receipt === null)
        return is === null ? { is: "waiting", for: `an answer of CDAP ${params.from ?? ""} before it is replaced` } : { is: "open", why: now };
      const state = await host.detached(receipt.token);
      if (state.is === "running") return { is: "waiting", for: `the command to end (${now}): ${lastLine(state.output)}` };
      if (state.is === "exited" && state.code === 0) return { is: "waiting", for: `CDAP ${params.version}: the command has ended, ${now}` };
      if (state.is === "absent") return { is: "open", why: "the command has not begun" };
      const how = state.is === "exited" ? `ended with ${String(state.code)}` : "vanished, its host may have restarted";
      return {
        is: "unclear",
        known: [`the command ${how}: ${lastLine(state.output)}`, now],
        unknown: ["in which state it has left the installation"],
      };
    },
    act: async ({ by, command, resource }, { receipt }, context) => {
      if (by === "kubernetes" && resource !== null) {
        const patch = JSON.stringify({
          spec: { image: resource.image, ...(resource.userInterfaceImage === null ? {} : { userInterfaceImage: resource.userInterfaceImage }) },
        });
        const argv = ["kubectl", "-n", resource.namespace, "patch", "cdapmaster", resource.name, "--type", "merge", "-p", patch];
        const { code, stderr } = await context.send(host.name, (fence) => host.run(fence, argv, { timeoutMs: commandMs }));
        if (code !== 0)
          throw new Unreachable(`kubectl patch ended with ${String(code)}: ${lastLine(stderr)}`, { code: "SW3004", object: resource.name });
        return null;
      }
      // A person who answers `again` wants it to run once more: one of the same name would not be started again.
      const before = receipt === null ? null : await host.detached(receipt.token);
      const attempt = receipt === null ? 1 : before?.is === "exited" || before?.is === "vanished" ? receipt.attempt + 1 : receipt.attempt;
      const token = `${context.token.replaceAll("/", ".")}-${String(attempt)}`;
      await context.send(host.name, (fence) => host.runDetached(fence, token, [...command]));
      return { token, attempt };
    },
  });
}

/** Conditions of cdap-operator (facts 5.4): a failed upgrade is not tried again before the image is set back. */
async function kubernetesLook(desk: Desk, { resource, version }: Replace, now: string): Promise<Look> {
  if (resource === null) return { is: "unclear", known: ["no resource is named"], unknown: ["what to replace"] };
  const { host } = desk.cluster.router;
  const argv = ["kubectl", "-n", resource.namespace, "get", "cdapmaster", resource.name, "-o", "json"];
  const { code, stdout, stderr } = await host.query(argv, { timeoutMs: commandMs });
  if (code !== 0) throw new Unreachable(`kubectl get ended with ${String(code)}: ${lastLine(stderr)}`, { code: "SW3004", object: resource.name });
  const seen = masterOf(stdout);
  if (seen.image !== resource.image) return { is: "open", why: `its image is ${seen.image ?? "not named"}` };
  const failed = seen.conditions.filter(({ type, status }) => type.endsWith("Failed") && status === "True");
  if (failed.length > 0 && !seen.conditions.some(({ type, status }) => type === "VersionUpdateInprogress" && status === "True"))
    return {
      is: "unclear",
      known: failed.map(({ type }) => type),
      unknown: [`whether ${version} can be reached: the operator tries again only once the former image was set`],
    };
  const under = seen.conditions.flatMap(({ type, status }) => (status === "True" ? [type] : []));
  return { is: "waiting", for: `CDAP ${version}: ${[...under, now].join(", ")}` };
}
interface Master {
  readonly image: string | null;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}
function masterOf(text: string): Master {
  const value = JSON.parse(text) as {
    readonly spec?: { readonly image?: string };
    readonly status?: { readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] };
  };
  return {
    image: value.spec?.image ?? null,
    conditions: (value.status?.conditions ?? []).map(({ type = "", status = "" }) => ({ type, status })),
  };
}
const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";

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
  const loaded = async (version: string): Promise<boolean> => (await api.artifacts("system")).some((artifact) => artifact.version === version);
  return operation<CdapFacts, StepParams["loadSystemArtifacts"]>("loadSystemArtifacts", {
    settleMs: 30_000,
    answersSettle: true,
    fenced: api.via === null ? "unfenced" : "host",
    look: async ({ version }): Promise<Look> =>
      (await loaded(version)) ? { is: "done" } : { is: "open", why: `there is no system artefact of ${version}` },
    act: async (_, __, context) => {
      await context.send(api.via, (fence) => api.loadSystemArtifacts(fence));
      return null;
    },
  });
}
