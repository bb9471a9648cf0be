// The cluster as a whole: who leads, ZooKeeper, what is under way, which processes run.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodesOf, type OmFacts, type OmOperation } from "../facts.ts";
import { blocker, count, notMeasured, orPassed, passed, some, warning } from "./check-kit.ts";
import { heals, touched, touchedOf } from "./scope.ts";

export function clusterChecks(facts: OmFacts, goal: Goal): readonly Check[] {
  return [
    ...nameservers(facts, goal),
    ...zookeeper(facts),
    ...sessions(facts),
    ...underWay(facts),
    ...failedOperations(facts),
    ...tablets(facts, goal),
    ...otherServers(facts, goal),
    ...monitors(facts),
    ...directories(facts, goal),
    autoFailover(facts),
  ];
}

function nameservers(facts: OmFacts, goal: Goal): readonly Check[] {
  const { nameserver } = facts.now;
  const all = nodesOf(facts, "nameserver");
  const silent = all.filter((name) => facts.now.nodes[name]?.state === "silent");
  const found: Check[] = [];
  if (nameserver === null)
    found.push(
      blocker("nameserver-leads", "nameserver", "no nameserver leads the cluster", {
        remedy: "Start the nameservers: bin/start.sh start nameserver.",
      }),
    );
  else found.push(passed("nameserver-leads", nameserver, "leads the cluster"));
  for (const name of silent)
    found.push(
      blocker("nameserver-answers", name, "the nameserver does not answer", {
        remedy: "Start it and see its log: without it nobody takes over when the leader is restarted.",
        price: "while the leader restarts no nameserver leads: no failover, no operation, no new table",
      }),
    );
  if (all.length === 1 && touchedOf(facts, goal, "nameserver").length > 0)
    found.push(
      warning(
        "nameserver-standby",
        all[0] ?? "",
        "is the only nameserver: while it restarts nobody leads; reads and writes of existing tables go on",
        {
          remedy: "The vendor recommends two nameservers (docs/maintain/backup.md).",
        },
      ),
    );
  return found;
}

/** Far below the 1000 at which ZooKeeper itself holds its clients back by default (globalOutstandingLimit). */
const outstandingLimit = 100;

function zookeeper({ now }: OmFacts): readonly Check[] {
  const seen = now.zookeeper;
  if (seen === null)
    return [
      notMeasured("zookeeper-quorum", "zookeeper", "the cluster file names no ZooKeeper, so its health is not known", {
        remedy: "Add options.zookeeper.servers and rootPath to the cluster file.",
      }),
    ];
  const answering = `${String(seen.answering)} of ${count(seen.servers, "server")} answer`;
  if (!seen.quorum)
    return [
      blocker("zookeeper-quorum", "zookeeper", `has no quorum: ${answering}`, {
        remedy: "Mend ZooKeeper first: every component registers there when it starts.",
      }),
    ];
  if (seen.session === false)
    return [
      blocker("zookeeper-session", "zookeeper", `has a quorum, but no session could be opened and read: ${answering}`, {
        remedy: "Check zk_root_path, the credentials of the cluster file, and maxClientCnxns: a component that is restarted could not register.",
      }),
    ];
  const outstanding = seen.outstanding ?? 0;
  if (outstanding > outstandingLimit)
    return [
      warning(
        "zookeeper-session",
        "zookeeper",
        `${String(outstanding)} requests wait on one of its servers: sessions may time out, and leaders move by themselves`,
        {
          remedy: "Find what overloads ZooKeeper, or its disk, first.",
        },
      ),
    ];
  if (seen.answering < seen.servers)
    return [
      warning("zookeeper-quorum", "zookeeper", `has a quorum, but only ${answering}`, {
        remedy: "Start the others first: one more failure could end the quorum in the middle of the run.",
      }),
    ];
  return [passed("zookeeper-quorum", "zookeeper", `has a quorum, ${answering}`)];
}

function sessions({ now }: OmFacts): readonly Check[] {
  const { sessionTimeoutMs, heartbeatTimeoutMs } = now.settings;
  const session = `${String(sessionTimeoutMs / 1_000)} s`;
  const fact = { source: "upstream issue #2439; facts 0.8" };
  if (sessionTimeoutMs >= heartbeatTimeoutMs)
    return [
      warning(
        "session-timeout",
        "zk_session_timeout",
        `is ${session}, not below tablet_heartbeat_timeout (${String(heartbeatTimeoutMs / 1_000)} s): a stopped tablet is taken for dead as soon as it is noticed`,
        { remedy: "Make tablet_heartbeat_timeout the longer one.", ...fact },
      ),
    ];
  return [
    {
      ...passed(
        "session-timeout",
        "zk_session_timeout",
        `${session}: a component that was stopped is started again only after its registration has gone, which takes up to that`,
      ),
      ...fact,
    },
  ];
}

const operationName = ({ id, type, db, name, pid }: OmOperation): string =>
  `${type} ${String(id)} (${db}.${name}${pid === null ? "" : `/${String(pid)}`})`;

function underWay({ now }: OmFacts): readonly Check[] {
  const open = now.operations.filter(({ status }) => status === "kDoing" || status === "kInited");
  return orPassed(
    open.map((each) =>
      blocker(
        "operations-idle",
        operationName(each),
        `is ${each.status}${each.task === "-" ? "" : ` (${each.task})`}: somebody else works on the cluster`,
        {
          remedy: "Wait until it is done, or end it: cancelop with its id. See `stillwater inspect --filter kDoing`.",
        },
      ),
    ),
    "operations-idle",
    "cluster",
    "no operation is under way",
  );
}

function failedOperations({ now }: OmFacts): readonly Check[] {
  const failed = now.operations.filter(({ status }) => status === "kFailed");
  const baseline = `what fails later has an id above ${String(now.lastOperation)}`;
  if (failed.length === 0) return [passed("operations-failed", "cluster", `no operation is kFailed; ${baseline}`)];
  return [
    warning(
      "operations-failed",
      "cluster",
      `${count(failed.length, "operation")} kFailed from before: ${some(failed.map(operationName))}; ${baseline}`,
      {
        remedy: "They stay in ZooKeeper until they are deleted (deleteop failed); see the nameserver's log for why.",
      },
    ),
  ];
}

function tablets(facts: OmFacts, goal: Goal): readonly Check[] {
  const restartsNameservers = touchedOf(facts, goal, "nameserver").length > 0;
  const because = restartsNameservers ? "; a nameserver that starts now would not know it and would never recover it (facts 0.10)" : "";
  const say = heals(goal) ? warning : blocker;
  const down = nodesOf(facts, "tablet").flatMap((name): readonly Check[] => {
    const now = facts.now.nodes[name];
    if (now === undefined || now.state === "healthy") return [];
    const process = now.process === "down" ? "its process does not run" : "its process runs";
    return [
      say("tablets-healthy", name, `the nameserver has it as ${now.state}, ${process}${because}`, {
        remedy: "Start it and wait until ShowTablet says kHealthy, then `stillwater recover`.",
      }),
    ];
  });
  const known = new Set(nodesOf(facts, "tablet").map((name) => facts.structure.nodes[name]?.endpoint));
  const holders = new Set(Object.values(facts.structure.tables).flatMap(({ placement }) => Object.values(placement).flat()));
  const strangers = [...holders].filter((endpoint) => !known.has(endpoint));
  return [
    ...orPassed(down, "tablets-healthy", "cluster", `${count(known.size, "tablet")} kHealthy`),
    ...orPassed(
      strangers.map((endpoint) =>
        blocker("tablets-known", endpoint, "holds partitions and is no node of the cluster file", {
          remedy: "Add the tablet to the cluster file: what it leads and follows must be seen.",
        }),
      ),
      "tablets-known",
      "cluster",
      "every tablet that holds partitions is a node of the cluster file",
    ),
  ];
}

function otherServers(facts: OmFacts, goal: Goal): readonly Check[] {
  const scope = new Set(touched(facts, goal));
  const found = Object.entries(facts.structure.nodes).flatMap(([name, { role }]): readonly Check[] => {
    const now = facts.now.nodes[name];
    if (!now || (role !== "apiserver" && role !== "taskmanager") || now.state !== "silent") return [];
    return [
      warning("servers-up", name, `the ${role} does not run${scope.has(name) ? "; this run would start it" : ""}`, {
        remedy: "Start it first, or leave it out with --only.",
      }),
    ];
  });
  const mixed = Object.entries(facts.structure.nodes).flatMap(([name, { installed }]): readonly Check[] => {
    const running = facts.now.nodes[name]?.running ?? null;
    if (running === null || installed === null || running === installed) return [];
    return [
      warning("installed-is-running", name, `runs ${running}, but ${installed} is installed: a restart would take that`, {
        remedy: "Find out who replaced it; a plan for a version brings all to one.",
      }),
    ];
  });
  return [
    ...orPassed(found, "servers-up", "cluster", "apiservers and taskmanagers run"),
    ...orPassed(mixed, "installed-is-running", "cluster", "every component runs what is installed"),
  ];
}

function monitors(facts: OmFacts): readonly Check[] {
  const lost = Object.entries(facts.now.nodes).filter(([, { process }]) => process === "daemon-lost-mon");
  const found = lost.map(([name, { pid }]) =>
    warning(
      "mon-alive",
      name,
      `its mon has crashed, the component goes on as process ${String(pid ?? 0)}: a crash would not be followed by a restart (OM-7)`,
      {
        remedy: "Its turn stops it by that pid and starts it under mon again; `stillwater plan --restart --only` does that alone.",
      },
    ),
  );
  return orPassed(found, "mon-alive", "cluster", "no component has lost its mon");
}

function directories(facts: OmFacts, goal: Goal): readonly Check[] {
  const scope = new Set(touched(facts, goal));
  const found: Check[] = [];
  const told = new Set<string>();
  for (const [name, { directory, shares }] of Object.entries(facts.structure.nodes)) {
    if (shares.length === 0 || told.has(name) || !scope.has(name)) continue;
    for (const other of shares) told.add(other);
    const outside = shares.filter((other) => !scope.has(other));
    if (goal.version !== null && outside.length > 0)
      found.push(
        blocker(
          "own-directory",
          name,
          `shares ${directory} with ${outside.join(", ")}, which this plan leaves out: one bin/ cannot have two releases`,
          {
            remedy: `Plan them together: --only ${[name, ...shares].join(",")}, or no --only at all.`,
          },
        ),
      );
    else
      found.push(
        warning("own-directory", name, `shares ${directory} with ${shares.join(", ")}: bin/ and the pid files in it are handled for all of them`, {
          remedy: "Nothing to do; a directory of its own for each component makes their turns independent.",
        }),
      );
  }
  return orPassed(found, "own-directory", "cluster", "every component has a directory of its own");
}

function autoFailover({ now }: OmFacts): Check {
  return now.autoFailover
    ? passed("auto-failover", "auto_failover", "is on: a run turns it off while leaders move and puts it back")
    : warning("auto-failover", "auto_failover", "is off already: nobody takes over when a tablet fails, and it stays off after the run", {
        remedy: "If that is not wanted: confset auto_failover true. A tool that crashed may have left it (facts 0.5).",
      });
}
