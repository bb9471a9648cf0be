import type { Clock } from "../../../kit/clock.ts";
import type { Reply, Request } from "../../../kit/network.ts";
import type { Credentials } from "../cluster.ts";
import type { Database } from "../database.ts";
import { bodyOf, json, page, target, words } from "../http.ts";

/** The logon page of Dataphin and what users do behind it: the part of the rows of 2.1 and 2.2 about management. */
export class Console {
  readonly #database: Database;
  readonly #credentials: Credentials;
  readonly #clock: Clock;

  constructor(database: Database, credentials: Credentials, clock: Clock) {
    this.#database = database;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  serve(request: Request): Reply {
    const { path } = target(request);
    const { maintenance } = this.#database.controls;
    // Nobody logs on, and whoever was logged on is out.
    if (maintenance.on && !maintenance.logon) return maintenancePage(maintenance.reason);
    if (path === "/" || path === "/login") {
      if (request.method === "GET")
        return page(200, "Dataphin", "User name and password, please. This is a simulated Dataphin of the Stillwater lab.");
      const { user, password } = bodyOf(request);
      if (user !== this.#credentials.user.name || password !== this.#credentials.user.password)
        return json(401, { message: "wrong user or password" });
      return json(200, { message: "welcome" }, { "set-cookie": `session=${this.#session()}; Path=/` });
    }
    if (path === "/console/operations" && request.method === "POST") {
      if (!(request.headers["cookie"] ?? "").includes(`session=${this.#session()}`)) return json(401, { message: "log on first" });
      return this.#operate(bodyOf(request));
    }
    return page(404, "Not found", path);
  }

  /** `operation`, and the `object` that it is for. */
  #operate({ operation, object }: Readonly<Record<string, unknown>>): Reply {
    const { data } = this.#database;
    const id = words(object);
    const done = (result: object = {}): Reply => {
      data.operations.push({ at: this.#clock.now(), what: String(operation), object: id });
      return json(200, { accepted: true, ...result });
    };
    const missing = (): Reply => json(404, { message: `there is no ${id}` });
    switch (operation) {
      case "change-resource-group": {
        const node = data.nodes[id];
        if (node === undefined) return missing();
        node.resourceGroup = "group_2";
        return done();
      }
      case "view-log": {
        const instance = data.instances[id];
        return instance === undefined ? missing() : done({ taskruns: instance.taskruns.length });
      }
      case "publish-api":
      case "view-api":
      case "view-api-state":
        return data.apis[id] === undefined ? missing() : done();
      case "view-stream-job":
        return data.streamJobs.some((job) => String(job.id) === id) ? done() : missing();
      default:
        return json(400, { message: `no operation ${String(operation)}` });
    }
  }

  #session(): string {
    return `lab-${this.#credentials.user.name}`;
  }
}

export const maintenancePage = (reason: string): Reply => ({
  ...page(503, "Dataphin is being upgraded", `${reason} This is a simulated Dataphin of the Stillwater lab.`),
});
