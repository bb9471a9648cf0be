// Version, services and configuration of the instance (facts 1.2).
import { json, notFound, text } from "./answers.ts";
import type { LabCluster } from "./cluster.ts";
import { siteOf } from "./settings.ts";

const SERVICES = [
  "appfabric",
  "dataset.executor",
  "log.saver",
  "metadata.service",
  "metrics",
  "metrics.processor",
  "messaging.service",
  "runtime",
  "transaction",
] as const;

export class SystemServices {
  readonly #cluster: LabCluster;
  /** Services that are NOTOK until somebody says otherwise. */
  readonly #sick = new Set<string>();

  constructor(cluster: LabCluster) {
    this.#cluster = cluster;
  }
  register(): void {
    const cluster = this.#cluster;
    cluster.route("GET", "/v3/version", () => json({ version: cluster.release.version }));
    cluster.route("GET", "/v3/system/services/status", () => json(Object.fromEntries(SERVICES.map((name) => [name, this.#statusOf(name)]))));
    cluster.route("GET", "/v3/system/services", () => json(SERVICES.map((name) => this.#describe(name))));
    cluster.route("GET", "/v3/system/services/{service}/status", ({ params }) => json({ status: this.#statusOf(this.#named(params["service"])) }));
    cluster.route("POST", "/v3/system/services/{service}/restart", ({ params }) => {
      if (this.#named(params["service"]) === "appfabric") cluster.startAppfabric();
      return text(200);
    });
    cluster.route("GET", "/v3/system/serviceproviders", () => json({ storage: { name: "lab", version: cluster.release.version } }));
    cluster.route("GET", "/v3/config/cdap", ({ query }) => (query.get("format") === "json" ? json(this.#configuration()) : text(200, this.#xml())), {
      admin: true,
    });
    cluster.route("GET", "/v3/config/hadoop", () => json({}), { admin: true });
    cluster.control("service", (body) => {
      const { name, ok } = body as { readonly name: string; readonly ok: boolean };
      this.#named(name);
      if (ok) this.#sick.delete(name);
      else this.#sick.add(name);
    });
    cluster.control("restart-appfabric", () => cluster.startAppfabric());
  }

  #configuration(): Readonly<Record<string, string>> {
    const { settings, release } = this.#cluster;
    const features = {
      "feature.lifecycle.management.edit.enabled": String(release.lcmEdit),
      "feature.streaming.pipeline.native.state.tracking.enabled": "false",
    };
    return { ...features, ...siteOf(settings), "security.enabled": String(settings.auth !== null) };
  }
  #xml(): string {
    const properties = Object.entries(this.#configuration()).map(
      ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`,
    );
    return `<?xml version="1.0"?><configuration>${properties.join("")}</configuration>`;
  }
  #statusOf(name: string): "OK" | "NOTOK" {
    const { clock, readyAt, settings } = this.#cluster;
    const warm = readyAt !== null && clock.now() >= readyAt + (name === "appfabric" ? 0 : settings.durations.services);
    return warm && !this.#sick.has(name) ? "OK" : "NOTOK";
  }
  #describe(name: string): Readonly<Record<string, unknown>> {
    return { name, description: name, status: this.#statusOf(name), logs: "OK", min: 1, max: 1, requested: 1, provisioned: 1 };
  }
  /** Throws 404. */
  #named(name = ""): string {
    if (!SERVICES.some((each) => each === name)) throw notFound(`system_service:${name}`);
    return name;
  }
}
