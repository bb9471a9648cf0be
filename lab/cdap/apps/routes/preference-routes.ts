// Preferences of four levels, and runtime arguments, which are the preferences of a program (facts 3.2 P12, 3.4).
import { badRequest, json, notFound, text } from "../../logic/answers.ts";
import { CATEGORIES, type ProgramType } from "../../logic/applications.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Call } from "../../logic/routes.ts";
import type { AppStore } from "../app-store.ts";
import { param, parseTexts } from "./request.ts";

type Texts = Readonly<Record<string, string>>;
/** By path below the instance: ``, `NS`, `NS/APP`, `NS/APP/CATEGORY/PROGRAM`. */
export type PreferenceState = Record<string, Texts>;
interface ProgramId {
  readonly namespace: string;
  readonly app: string;
  readonly type: ProgramType;
  readonly name: string;
}

export class Preferences {
  readonly #state: PreferenceState;

  constructor(state: PreferenceState) {
    this.#state = state;
  }
  get(path: string): Texts {
    return this.#state[path] ?? {};
  }
  /** With those of all levels above. */
  resolved(path: string): Texts {
    const parts = path === "" ? [] : path.split("/");
    const levels = ["", ...[1, 2, 4].filter((length) => length <= parts.length).map((length) => parts.slice(0, length).join("/"))];
    return Object.assign({}, ...levels.map((level) => this.get(level))) as Texts;
  }
  set(path: string, values: Texts): void {
    this.#state[path] = values;
  }
  delete(path: string): void {
    delete this.#state[path];
  }
  /** That path and all below it: the entity is deleted. */
  forget(path: string): void {
    for (const each of Object.keys(this.#state)) if (each === path || each.startsWith(`${path}/`)) this.delete(each);
  }
  argumentsOf({ namespace, app, type, name }: ProgramId): Texts {
    return this.resolved(`${namespace}/${app}/${CATEGORIES[type]}/${name}`);
  }
}

const APP = "/v3/namespaces/{ns}/apps/{app}";

export function addPreferenceRoutes(cluster: LabCluster, preferences: Preferences, apps: AppStore, inNamespace: (call: Call) => string): void {
  const application = (call: Call): string => {
    apps.latest(inNamespace(call), param(call, "app"));
    return `${param(call, "ns")}/${param(call, "app")}`;
  };
  const program = (call: Call): string => {
    const path = application(call);
    const [category, name] = [param(call, "category"), param(call, "program")];
    const found = apps
      .programsOf(apps.latest(param(call, "ns"), param(call, "app")))
      .some((each) => CATEGORIES[each.type] === category && each.name === name);
    if (!found) throw notFound(`program:${path.replace("/", ".")}.-SNAPSHOT.${category}.${name}`);
    return `${path}/${category}/${name}`;
  };
  const levels: readonly (readonly [path: string, key: (call: Call) => string])[] = [
    ["/v3", () => ""],
    ["/v3/namespaces/{ns}", inNamespace],
    [APP, application],
    [`${APP}/{category}/{program}`, program],
  ];
  for (const [path, key] of levels) {
    cluster.route("GET", `${path}/preferences`, (call) => {
      const at = key(call);
      return json(call.query.get("resolved") === "true" ? preferences.resolved(at) : preferences.get(at));
    });
    cluster.route("PUT", `${path}/preferences`, (call) => {
      preferences.set(key(call), parseTexts(call.body));
      cluster.changed();
      return text(200);
    });
    cluster.route("DELETE", `${path}/preferences`, (call) => {
      preferences.delete(key(call));
      cluster.changed();
      return text(200);
    });
  }
  const checkVersion = (call: Call, effect: boolean): void => {
    const version = call.params["version"];
    if (version === undefined) return;
    const [namespace, app] = [inNamespace(call), param(call, "app")];
    const wanted = apps.version(namespace, app, version);
    if (effect && wanted !== apps.latest(namespace, app)) throw badRequest("Runtime arguments can only be changed on the latest program version");
  };
  for (const path of [APP, `${APP}/versions/{version}`]) {
    cluster.route("GET", `${path}/{category}/{program}/runtimeargs`, (call) => {
      checkVersion(call, false);
      return json(preferences.get(program(call)));
    });
    cluster.route("PUT", `${path}/{category}/{program}/runtimeargs`, (call) => {
      checkVersion(call, true);
      preferences.set(program(call), parseTexts(call.body));
      cluster.changed();
      return text(200);
    });
  }
}
