import { Lifetime } from "../../../kit/lifetime.ts";
import { ZooKeeperError, type ZooKeeperSession } from "../../../kit/zookeeper.ts";
import { brpc, method } from "../brpc.ts";
import type { Component, RunningNode, Surroundings } from "../node.ts";
import { Jobs, type Job } from "./jobs.ts";
import { propertiesOf, type TaskmanagerProperties } from "./properties.ts";

/** Of a job that names no duration. */
const JOB_MS = 10_000;
const NO_JOB = { code: -1, msg: "no job" };

/**
 * The taskmanager: whoever makes /taskmanager/leader serves; the standby's port is not open until it does (facts 2.9). It ends when its session with
 * ZooKeeper is lost (upstream #3620).
 */
export class Taskmanager implements RunningNode {
  readonly #component: Component;
  readonly #surroundings: Surroundings;
  readonly #life: Lifetime;

  constructor(component: Component, surroundings: Surroundings) {
    this.#component = component;
    this.#surroundings = surroundings;
    this.#life = new Lifetime(surroundings);
  }

  /** Returns when it serves or stands by. */
  async start(): Promise<void> {
    const properties = propertiesOf(this.#component, this.#surroundings);
    try {
      const session = await this.#life.zookeeper.connect(properties.sessionTimeoutMs);
      session.onExpired(() => {
        this.#exit("the session with ZooKeeper is lost");
      });
      await session.ensure(`${properties.rootPath}/taskmanager`);
      await this.#compete(session, properties);
    } catch (error) {
      this.#exit(error instanceof Error ? error.message : String(error));
    }
  }

  kill(): void {
    this.#life.end();
  }

  #exit(why: string): void {
    if (this.#life.over) return;
    this.#surroundings.log("ERROR", `taskmanager exits: ${why}`);
    this.#life.end();
    this.#surroundings.exit(1, why);
  }

  async #compete(session: ZooKeeperSession, properties: TaskmanagerProperties): Promise<void> {
    const path = `${properties.rootPath}/taskmanager/leader`;
    for (;;) {
      try {
        await session.create(path, properties.endpoint, { ephemeral: true });
        await this.#serve(session, properties);
        return;
      } catch (error) {
        if (!(error instanceof ZooKeeperError) || error.code !== "NODE_EXISTS") throw error;
      }
      const leader = await session.get(path, () => {
        this.#compete(session, properties).catch((error: unknown) => {
          this.#exit(error instanceof Error ? error.message : String(error));
        });
      });
      if (leader !== null && leader !== properties.endpoint) {
        this.#surroundings.log("INFO", `stand by: ${leader} is active`);
        return;
      }
      // Its own, of the process before this one, whose session has not ended yet: it is taken away. The watch sees that, and competes.
      if (leader !== null) {
        await session.remove(path);
        return;
      }
    }
  }

  async #serve(session: ZooKeeperSession, properties: TaskmanagerProperties): Promise<void> {
    const jobs = new Jobs(session, properties.rootPath, this.#life.clock, properties.sparkMaster);
    await jobs.takeOver();
    const { release } = this.#component;
    const methods = {
      ShowJobs: method({}, { unfinished: "boolean" }, async ({ unfinished = false }: { unfinished?: boolean }) => ({
        code: 0,
        msg: "ok",
        jobs: await jobs.list(unfinished),
      })),
      ShowJob: method({ id: "number" }, {}, async ({ id }: { id: number }) => found(await jobs.find(id))),
      StopJob: method({ id: "number" }, {}, async ({ id }: { id: number }) => found(await jobs.stop(id))),
      GetVersion: method({}, {}, () => ({ taskmanager_version: release, batch_version: release })),
      // `conf` may hold `lab.job.ms`: how long the job runs.
      RunBatchSql: method(
        { sql: "string" },
        { conf: "message" },
        async ({ sql, conf = {} }: { sql: string; conf?: Readonly<Record<string, string>> }) => {
          const job = await jobs.submit("RunBatchSql", sql, Number(conf["lab.job.ms"] ?? JOB_MS));
          return { code: 0, msg: "ok", job_id: job.id };
        },
      ),
    };
    const services = [{ name: "openmldb.taskmanager.TaskManagerServer", methods }];
    // Java's brpc: no authenticator.
    await this.#life.network.listen(properties.endpoint, brpc({ services, authenticator: null, version: () => release, status: true }));
    this.#surroundings.log("INFO", `taskmanager ${release} is active on ${properties.endpoint}`);
  }
}

const found = (job: Job | null): object => (job === null ? NO_JOB : { code: 0, msg: "ok", job });
