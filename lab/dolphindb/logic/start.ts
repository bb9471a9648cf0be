import type { FunctionTable, Value } from "../script/values.ts";
import { text } from "../value.ts";
import { Agent } from "./agent/agent.ts";
import { ClientFace, type ClientFaceOptions } from "./client-face.ts";
import { Controller } from "./controller/controller.ts";
import { controllerFunctions } from "./controller/functions.ts";
import type { User } from "./controller/metadata.ts";
import { DataNode } from "./data/data-node.ts";
import { deleteRows, dfsFunctions, dfsParameters, insertRows, readTable } from "./data/dfs-functions.ts";
import { dataFunctions } from "./data/functions.ts";
import { onControllers, onDataNodes } from "./functions/elsewhere.ts";
import { installationFunctions } from "./functions/installation.ts";
import { nodeFunctions } from "./functions/node-functions.ts";
import { remoteFunctions, serveCalls } from "./functions/remote.ts";
import { sessionFunctions } from "./functions/sessions.ts";
import { ServerError, type Component, type RunningNode, type Session, type Surroundings } from "./node.ts";
import { NodeProcess } from "./process.ts";
import type { Checked } from "./start-checks.ts";
import { authenticate, needAdmin } from "./users.ts";

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
    case "controller":
      return controllerParts(process);
    case "agent":
      return agentParts(process);
    case "datanode":
    case "computenode":
      return dataParts(process);
  }
}

interface FaceParts extends Pick<ClientFaceOptions, "tables" | "admit" | "shared"> {
  readonly users: () => readonly User[];
  readonly checked: () => Checked | null;
  /** What its role has, beside what every node has. */
  readonly own: FunctionTable;
}
function faceOf(process: NodeProcess, { users, checked, own, ...options }: FaceParts): ClientFace {
  const admin = (session: Session, name: string): void => {
    needAdmin(users(), session, name);
  };
  const face: ClientFace = new ClientFace({
    process,
    functions: {
      ...onControllers(process.behaviour),
      ...onDataNodes(),
      ...nodeFunctions(process),
      ...installationFunctions(process, checked),
      ...sessionFunctions(process, () => face, admin),
      ...own,
    },
    authenticate: (user, password) => {
      authenticate(users(), user, password);
    },
    ...options,
  });
  return face;
}
/** A controller or agent shares no tables. */
const nothingShared = (): FaceParts["shared"] => ({
  shared: new Map<string, Value>(),
  share: () => {
    throw new ServerError("Tables can't be shared on this node.");
  },
});

function controllerParts(process: NodeProcess): Parts {
  const controller = new Controller(process);
  const face = faceOf(process, {
    users: () => [...controller.metadata.users.values()],
    checked: () => controller.checked,
    own: {
      ...controllerFunctions(controller),
      ...remoteFunctions({
        process,
        rows: () => controller.rows(),
        endpointOf: (alias) => controller.rows().find((row) => row.alias === alias)?.endpoint ?? null,
      }),
    },
    tables: null,
    admit: () => {},
    shared: nothingShared(),
  });
  return {
    face,
    start: () => controller.start(),
    terminate: () => {
      controller.terminate();
    },
  };
}
function agentParts(process: NodeProcess): Parts {
  const agent = new Agent(process);
  const face = faceOf(process, {
    users: () => agent.link.users,
    checked: () => agent.checked,
    own: { getControllerAlias: () => text(agent.link.leaderAlias ?? "") },
    tables: null,
    admit: () => {},
    shared: nothingShared(),
  });
  return {
    face,
    start: () => agent.start(),
    terminate: () => {
      agent.terminate();
    },
  };
}
function dataParts(process: NodeProcess): Parts {
  const node = new DataNode(process);
  const face = faceOf(process, {
    users: () => node.link.users,
    checked: () => node.checked,
    own: {
      ...dataFunctions(node),
      ...dfsFunctions(node),
      ...node.jobs.functions(),
      ...node.shared.functions(),
      ...remoteFunctions({ process, rows: () => node.link.rows, endpointOf: (alias) => node.link.endpointOf(alias) }),
    },
    tables: {
      parameters: dfsParameters,
      readTable: (handle, equal) => readTable(node, handle, equal),
      deleteRows: (handle, isGone) => deleteRows(node, handle, isGone),
      insertRows: (handle, rows) => insertRows(node, handle, rows),
    },
    admit: () => {
      if (node.isEnding) throw new ServerError("The node is shutting down. RefId: S00005");
    },
    shared: {
      shared: node.shared.shared,
      share: (name, value) => {
        node.shared.share(name, value);
      },
    },
  });
  node.connections = () => face.sessions.length;
  return {
    face,
    start: () => node.start(),
    terminate: () => {
      node.terminate();
    },
  };
}
