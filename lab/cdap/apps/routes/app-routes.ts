// AppLifecycleHttpHandler without upgrades (facts 3.1).
import { ServerError, badRequest, conflict, json, notFound, text } from "../../logic/answers.ts";
import { CATEGORIES } from "../../logic/applications.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import { SNAPSHOT, applicationText, configOf, type AppRequest, type AppStore, type StoredVersion } from "../app-store.ts";
import { exportApps } from "../export.ts";
import { listApps } from "../paging.ts";
import { detailOf, recordOf } from "../records.ts";
import { authorOf, param, parseBody, parseObject } from "./request.ts";

export interface AppRoutesOptions {
  readonly cluster: LabCluster;
  readonly apps: AppStore;
  /** Error 404 when there is no such namespace. */
  readonly inNamespace: (call: Call) => string;
  /** Programs of the application that have an active run: `APP: PROGRAM`. */
  readonly running: (namespace: string, app: string) => readonly string[];
  readonly deleted: (namespace: string, app: string) => void;
  readonly forgetState: (namespace: string, app: string) => void;
  /** `properties.pipeline` of a program; null: it has none. */
  readonly pipelineSpec: (namespace: string, app: string, version: StoredVersion, program: string) => object | null;
}
interface ExportFault {
  /** Answers left that are damaged after their digest was computed. */
  damaged: number;
  everyVersion: boolean;
}

const APPS = "/v3/namespaces/{ns}/apps";

export function addAppRoutes({ cluster, apps, inNamespace, running, deleted, forgetState, pipelineSpec }: AppRoutesOptions): void {
  const { release } = cluster;
  const latestOf = (namespace: string, app: string): StoredVersion => apps.latest(namespace, app);
  const detail = (namespace: string, app: string, version: StoredVersion): object =>
    detailOf(apps, app, version, version === apps.versions(namespace, app)?.at(-1));
  const changed = <T>(value: T): T => {
    cluster.changed();
    return value;
  };

  cluster.route("GET", APPS, (call) => json(listApps(apps, inNamespace(call), call.query)));
  cluster.route("GET", `${APPS}/{app}`, (call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    return json(detail(namespace, app, latestOf(namespace, app)));
  });
  cluster.route("GET", `${APPS}/{app}/versions`, (call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    latestOf(namespace, app);
    const versions = (apps.versions(namespace, app) ?? []).map(({ version }) => version);
    // From before the server kept a history.
    return json(versions.length > 1 ? versions.filter((version) => version !== SNAPSHOT) : versions);
  });
  cluster.route("GET", `${APPS}/{app}/versions/{version}`, (call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    return json(detail(namespace, app, apps.version(namespace, app, param(call, "version"))));
  });
  cluster.route("GET", `${APPS}/{app}/plugins`, (call) => {
    const { stages = [], postActions = [] } = configOf(latestOf(inNamespace(call), param(call, "app")));
    return json([...stages, ...postActions].map(({ name, plugin }) => ({ id: name, name: plugin.name, type: plugin.type })));
  });
  cluster.route(
    "POST",
    "/v3/namespaces/{ns}/appdetail",
    (call) => {
      const namespace = inNamespace(call);
      const body = parseBody(call.body);
      if (!Array.isArray(body)) throw badRequest("Request body is invalid json, please check that it is a json array.");
      return json(
        body.map((each: { readonly appId?: string; readonly version?: string }) => {
          try {
            const app = each.appId ?? "";
            return {
              statusCode: 200,
              detail: detail(namespace, app, each.version === undefined ? latestOf(namespace, app) : apps.version(namespace, app, each.version)),
            };
          } catch (error) {
            return { statusCode: error instanceof ServerError ? error.status : 500, error: error instanceof Error ? error.message : String(error) };
          }
        }),
      );
    },
    { effect: false },
  );

  const deploy = (call: Call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    const { version } = changed(apps.deploy(namespace, app, parseObject(call.body) as AppRequest, authorOf(call)));
    return release.deployAnswersRecord ? json(recordOf(app, version, true)) : text(200, "Deploy Complete");
  };
  cluster.route("PUT", `${APPS}/{app}`, deploy);
  cluster.route("POST", `${APPS}/{app}/versions/{version}/create`, deploy);
  cluster.route("POST", `${APPS}/{app}/update`, (call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    const current = latestOf(namespace, app);
    const request = parseObject(call.body) as AppRequest;
    const name = request.artifact?.name ?? current.artifact.name;
    if (name !== current.artifact.name)
      throw badRequest(`Only artifact version updates are allowed. Cannot change from artifact '${current.artifact.name}' to '${name}'.`);
    const config = request.config ?? request.configuration ?? current.configuration;
    changed(apps.deploy(namespace, app, { ...request, artifact: { ...current.artifact, ...request.artifact }, config }, authorOf(call)));
    return text(200, "Update complete.");
  });

  const remove = (namespace: string, app: string): void => {
    latestOf(namespace, app);
    const programs = running(namespace, app);
    if (programs.length > 0)
      throw conflict(
        `'${applicationText(namespace, app)}' could not be deleted. Reason: The following programs are still running: ${programs.join(", ")}`,
      );
    apps.delete(namespace, app);
    deleted(namespace, app);
    cluster.changed();
  };
  cluster.route("DELETE", `${APPS}/{app}`, (call) => {
    remove(inNamespace(call), param(call, "app"));
    return text(200);
  });
  cluster.route("DELETE", APPS, (call) => {
    const namespace = inNamespace(call);
    for (const app of apps.apps(namespace)) remove(namespace, app);
    return text(200);
  });
  cluster.route("DELETE", `${APPS}/{app}/versions/{version}`, (call) => {
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    if (release.lcmEdit) throw new ServerError(403, "Deletion of specific app version is not allowed.");
    apps.version(namespace, app, param(call, "version"));
    remove(namespace, app);
    return text(200);
  });
  if (release.deletesState)
    cluster.route("DELETE", `${APPS}/{app}/state`, (call) => {
      const [namespace, app] = [inNamespace(call), param(call, "app")];
      latestOf(namespace, app);
      if (running(namespace, app).length > 0) throw conflict(`Cannot delete state of ${applicationText(namespace, app)}: its programs are running.`);
      forgetState(namespace, app);
      return changed(text(200));
    });

  const specification = (call: Call, version: StoredVersion, namespace: string) => {
    const [app, category, name] = [param(call, "app"), param(call, "category"), param(call, "program")];
    const program = apps.programsOf(version).find((each) => CATEGORIES[each.type] === category && each.name === name);
    if (program === undefined) throw notFound(`program:${namespace}.${app}.${version.version}.${category}.${name}`);
    const pipeline = pipelineSpec(namespace, app, version, name);
    return json({
      className: `${version.artifact.name}.${name}`,
      name,
      description: program.description ?? "",
      ...(program.children === undefined ? {} : { nodes: program.children.map((child) => ({ nodeType: "ACTION", program: child })) }),
      properties: pipeline === null ? {} : { pipeline: JSON.stringify(pipeline) },
      plugins: {},
    });
  };
  cluster.route("GET", `${APPS}/{app}/{category}/{program}`, (call) => {
    const namespace = inNamespace(call);
    return specification(call, latestOf(namespace, param(call, "app")), namespace);
  });
  cluster.route("GET", `${APPS}/{app}/versions/{version}/{category}/{program}`, (call) => {
    const namespace = inNamespace(call);
    return specification(call, apps.version(namespace, param(call, "app"), param(call, "version")), namespace);
  });

  const faults = cluster.part<ExportFault>("export-faults", () => ({ damaged: 0, everyVersion: false }));
  cluster.control("export", (body) => {
    Object.assign(faults, body);
  });
  cluster.route(
    "GET",
    "/v3/export/apps",
    () => {
      const { bytes, digest } = exportApps(apps, cluster.applications.namespaces(), faults);
      const sent = Uint8Array.from(bytes);
      if (faults.damaged > 0) {
        // On the way, as a proxy might.
        faults.damaged -= 1;
        const middle = Math.floor(sent.length / 2);
        sent[middle] = (sent[middle] ?? 0) ^ 0xff;
        cluster.changed();
      }
      const name = `export-${String(cluster.clock.now())}.zip`;
      const headers = { "content-type": "application/zip", digest, "content-disposition": `attachment; filename="${name}"` };
      return { status: 200, headers, body: "", bytes: sent };
    },
    { admin: true },
  );
}
