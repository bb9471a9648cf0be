import { Agent } from "./agent/agent.ts";
import { ClientFace } from "./client-face.ts";
import { Controller } from "./controller/controller.ts";
import { controllerFunctions } from "./controller/functions.ts";
import { DataNode } from "./data/data-node.ts";
import { deleteRows, dfsFunctions, dfsParameters, insertRows, readTable } from "./data/dfs-functions.ts";
import { dataFunctions } from "./data/functions.ts";
import { onControllers, onDataNodes } from "./functions/elsewhere.ts";
import { nodeFunctions } from "./functions/node-functions.ts";
import { remoteFunctions, serveCalls } from "./functions/remote.ts";
import { text } from "../value.ts";
import { ServerError, type Component, type RunningNode, type Surroundings } from "./node.ts";
import { NodeProcess } from "./process.ts";
import { authenticate } from "./users.ts";

interface Parts {
  readonly face: ClientFace;
  start(): Promise<void>;
  terminate(): void;
}

/**
 * One process of the lab. It listens on its endpoint through the network of its surroundings and answers paths below /lab there; everything else that
 * arrives on that port belongs to clients: whoever gives the surroundings puts his faces in front (Network.listen) and calls the evaluator.
 */
export function labNode(component: Component, surroundings: Surroundings): RunningNode {
  const process = new NodeProcess(component, surroundings);
  const parts = partsOf(process);
  const { face } = parts;
  serveCalls(process, face);
  return {
    start: () => parts.start(),
    terminate: () => {
      parts.terminate();
    },
    kill: () => {
      process.kill();
    },
    session: () => face.session(),
    call: (session, name, args) => face.call(session, name, args),
    script: (session, script) => face.script(session, script),
    login: (session, user, password) => face.login(session, user, password),
    end: (session) => {
      face.end(session);
    },
  };
}

function partsOf(process: NodeProcess): Parts {
  switch (process.component.role) {
    case "controller": {
      const controller = new Controller(process);
      const face = new ClientFace({
        process,
        functions: {
          ...onDataNodes(),
          ...nodeFunctions(process),
          ...controllerFunctions(controller),
          ...remoteFunctions({
            process,
            rows: () => controller.rows(),
            endpointOf: (alias) => controller.rows().find((row) => row.alias === alias)?.endpoint ?? null,
          }),
        },
        tables: null,
        shared: new Map(),
        authenticate: (user, password) => {
          authenticate([...controller.metadata.users.values()], user, password);
        },
        admit: () => {},
      });
      return {
        face,
        start: () => controller.start(),
        terminate: () => {
          controller.terminate();
        },
      };
    }
    case "agent": {
      const agent = new Agent(process);
      const face = new ClientFace({
        process,
        functions: {
          ...onControllers(process.behaviour),
          ...onDataNodes(),
          ...nodeFunctions(process),
          getControllerAlias: () => text(agent.link.leaderAlias ?? ""),
        },
        tables: null,
        shared: new Map(),
        authenticate: (user, password) => {
          authenticate(agent.link.users, user, password);
        },
        admit: () => {},
      });
      return {
        face,
        start: () => agent.start(),
        terminate: () => {
          agent.terminate();
        },
      };
    }
    case "datanode":
    case "computenode": {
      const node = new DataNode(process);
      const face = new ClientFace({
        process,
        functions: {
          ...onControllers(process.behaviour),
          ...nodeFunctions(process),
          ...dataFunctions(node),
          ...dfsFunctions(node),
          ...remoteFunctions({ process, rows: () => node.link.rows, endpointOf: (alias) => node.link.endpointOf(alias) }),
        },
        tables: {
          parameters: dfsParameters,
          readTable: (handle, equal) => readTable(node, handle, equal),
          deleteRows: (handle, isGone) => deleteRows(node, handle, isGone),
          insertRows: (handle, rows) => insertRows(node, handle, rows),
        },
        shared: new Map(),
        authenticate: (user, password) => {
          authenticate(node.link.users, user, password);
        },
        admit: () => {
          if (node.isEnding) throw new ServerError("The node is shutting down. RefId: S00005");
        },
      });
      return {
        face,
        start: () => node.start(),
        terminate: () => {
          node.terminate();
        },
      };
    }
  }
}
