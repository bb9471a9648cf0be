// The cluster as a whole: who answers, who leads, which versions run, what one host less would mean (facts 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { isBefore, parseVersion } from "../compatibility/version.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import { againstHostByHost } from "../planning/modes.ts";
import { blocker, count, notMeasured, orPassed, passed, some, warning } from "./check-kit.ts";
import { stops } from "./scope.ts";
import { viewOf, type View } from "./view.ts";

export function clusterChecks(facts: DdFacts, goal: Goal): readonly Check[] {
  const view = viewOf(facts, goal);
  return [
    ...answering(view),
    ...versions(view),
    ...installed(view),
    ...leader(view),
    ...hostLess(view),
    ...controllers(view),
    ...electionTick(view),
    ...restartInterval(view),
    ...jobs(view),
  ];
}

const roleWords = { controller: "controller", agent: "agent", datanode: "data node", computenode: "compute node" } as const;

/** Down, unreachable and not ready are three different things, and none of them is an answer. */
function answering({ facts, refuse }: View): readonly Check[] {
  const all = Object.entries(facts.structure.nodes);
  const found = all.flatMap(([name, { role, host }]): readonly Check[] => {
    const state = facts.now.nodes[name]?.state ?? "unreachable";
    const word = roleWords[role];
    switch (state) {
      case "serving":
        return [];
      case "down":
        return [
          refuse("nodes-online", name, `the ${word} does not run`, {
            remedy: `Start it and see why it was down: another host goes down in this run, and ${host} is not whole.`,
            source: "facts 5.4",
          }),
        ];
      case "starting":
        return [
          refuse("nodes-online", name, `the ${word} runs and is not initialised yet`, {
            remedy: "Wait until it is: green comes before startup.dos has ended.",
          }),
        ];
      case "draining":
        return [
          refuse("nodes-online", name, `the ${word} is being stopped by somebody`, { remedy: "Wait until it has stopped, then start it again." }),
        ];
      case "unreachable":
        return [
          refuse("nodes-online", name, `the ${word} does not answer, so nothing is known of it`, {
            remedy: "Check that it can be reached from here, and the user under `authorization`; a process that hangs shows in its log.",
          }),
        ];
    }
  });
  return orPassed(found, "nodes-online", "cluster", `${count(all.length, "node")} asked one by one, controllers and agents too: all serve`);
}

function versions({ facts, goal, refuse }: View): readonly Check[] {
  const running = Object.entries(facts.now.nodes).flatMap(([name, { running: version }]) => (version === null ? [] : [{ name, version }]));
  const strange = running.filter(({ version }) => parseVersion(version) === null);
  const groups = new Map<string, string[]>();
  for (const { name, version } of running) groups.set(version, [...(groups.get(version) ?? []), name]);
  const told = [...groups].map(([version, names]) => `${version} on ${names.join(", ")}`);
  const found: Check[] = strange.map(({ name, version }) =>
    blocker("version-parse", name, `says its version is ${version}, which is not MAJOR.MINOR.RELEASE.BUILD`, {
      remedy: "Ask the node itself: version().",
    }),
  );
  // What an earlier run has left behind is finished by the next one.
  const others = [...groups.keys()].filter((version) => version !== goal.version);
  if (groups.size > 1)
    found.push(
      others.length <= 1
        ? warning("same-version", "cluster", `two versions run: ${some(told)}`, {
            remedy: "Nothing to do: this plan brings the rest to the same version.",
          })
        : refuse("same-version", "cluster", `nodes run different versions: ${some(told)}`, {
            remedy: "Bring them to one version first, or find out who replaced one of them.",
            price: "every version beside the wanted one takes part in the mixed window, and no level is judged for them",
            source: "facts 5.4",
          }),
    );
  return orPassed(
    found,
    "same-version",
    "cluster",
    told.length === 0 ? "no node says its version" : `every node says ${told.map((each) => each.split(" ")[0]).join(", ")}`,
  );
}

function installed({ facts }: View): readonly Check[] {
  const found = Object.entries(facts.structure.nodes).flatMap(([name, { installed: there, server }]): readonly Check[] => {
    const running = facts.now.nodes[name]?.running ?? null;
    if (there === null)
      return [
        notMeasured("installed-is-running", name, `which version lies in ${server} cannot be read`, {
          remedy: "The node says it after its start; see that nobody has replaced the files.",
        }),
      ];
    if (running === null || there === running || there.startsWith(`${running}.`) || running.startsWith(`${there}.`)) return [];
    return [
      warning("installed-is-running", name, `runs ${running}, but ${there} lies in ${server}: any restart would take that`, {
        remedy: "Find out who replaced it; upgrade.sh says success or nothing, and ends with 0 either way.",
        source: "facts 0.6",
      }),
    ];
  });
  return orPassed(found, "installed-is-running", "cluster", "every node runs what lies in its installation directory");
}

function leader({ facts, refuse }: View): readonly Check[] {
  const leading = nodesOf(facts, "controller").filter((name) => facts.now.nodes[name]?.leads === true);
  if (facts.now.leader === null)
    return [
      refuse("controller-leads", "controllers", "no controller could be asked as the one that leads", {
        remedy: "Start the controllers and wait for an election (8 to 16 s by default); see their logs.",
      }),
    ];
  if (leading.length > 1)
    return [
      refuse("controller-leads", leading.join(", "), "more than one controller says that it leads", {
        remedy: "Wait for the election to end; if it stays so, look at the network between them.",
      }),
    ];
  return [passed("controller-leads", facts.now.leader, "leads the cluster; its host goes last")];
}

/** What of the cluster's make speaks against one host less: the same list that decides the mode. */
function hostLess({ facts, goal, hostByHost, mode }: View): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const { replicationFactor, reliabilityLevel } = facts.structure;
  const against = againstHostByHost(facts, goal);
  const code = "one-host-less";
  const remedy = "Add hosts or controllers, or upgrade all at once: --mode downtime.";
  const source = "facts 0.4, 5.4; DD-3";
  if (against.length > 0)
    return against.map((what) =>
      hostByHost
        ? blocker(code, "cluster", what, { remedy, source })
        : passed(code, "cluster", `${what}; this plan takes everything down anyway`, { source }),
    );
  const placing =
    reliabilityLevel === 1
      ? "never on one host"
      : reliabilityLevel === 0
        ? "may be on one host, so each chunk is looked at"
        : "spread if resources allow, so each chunk is looked at";
  return [
    passed(
      code,
      "cluster",
      `with any one host down the controllers have a majority, and writes their ${String(replicationFactor)} replicas (${placing})${mode === "downtime" ? "; this plan takes everything down" : ""}`,
      { source },
    ),
  ];
}

function controllers({ facts, hostByHost }: View): readonly Check[] {
  const all = nodesOf(facts, "controller");
  const found: Check[] = [];
  if (facts.structure.haMode === "Raft" && all.length > 1 && all.length % 2 === 0)
    found.push(
      warning("controllers-odd", "controllers", `${String(all.length)} controllers bear no more failures than ${String(all.length - 1)}`, {
        remedy: "Have an odd number of them.",
        source: "facts 5.4",
      }),
    );
  const hosts = new Set(all.map((name) => facts.structure.nodes[name]?.host));
  if (all.length > 1 && hosts.size < all.length && hostByHost)
    found.push(
      warning(
        "controllers-apart",
        "controllers",
        `${String(all.length)} controllers live on ${count(hosts.size, "host")}: a host takes more than one with it`,
        {
          remedy: "Give each controller a host of its own.",
          source: "facts 5.4",
        },
      ),
    );
  return orPassed(found, "controllers-apart", "controllers", `${count(all.length, "controller")} on ${count(hosts.size, "host")}`);
}

function electionTick({ facts, setting, refuse }: View): readonly Check[] {
  const all = nodesOf(facts, "controller");
  const ticks = new Map(all.map((name) => [name, setting(name, "raftElectionTick") ?? "800"]));
  if (facts.structure.haMode !== "Raft" || all.length < 2) return [];
  if (new Set(ticks.values()).size > 1)
    return [
      refuse(
        "election-tick",
        "raftElectionTick",
        `is not the same on every controller: ${[...ticks].map(([name, tick]) => `${name} ${tick}`).join(", ")}`,
        {
          remedy: "Set it to one value on all of them: setRaftElectionTick(1, 800), and controller.cfg.",
          price: "elections may take long or not end",
          source: "facts 1.5",
        },
      ),
    ];
  const tick = Number([...ticks.values()][0] ?? 800);
  return [
    passed(
      "election-tick",
      "raftElectionTick",
      `is ${String(tick)} on every controller: an election takes ${String(tick / 100)} to ${String(tick / 50)} s`,
      { source: "facts 1.5" },
    ),
  ];
}

/** Set to 0 by the plan, put back at its end; said here, because for the time between nobody restarts a data node that crashes. */
function restartInterval({ facts, goal, from }: View): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const set = nodesOf(facts, "controller").flatMap((name) => {
    const interval = facts.now.nodes[name]?.restartIntervalS ?? null;
    return interval === null || interval === 0 ? [] : [{ name, interval }];
  });
  const unknown = nodesOf(facts, "controller").filter((name) => (facts.now.nodes[name]?.restartIntervalS ?? null) === null);
  const found: Check[] = set.map(({ name, interval }) =>
    warning(
      "restart-interval",
      name,
      `datanodeRestartInterval is ${String(interval)} s: it would start a data node in the middle of its turn${from !== null && interval < 100 && isBefore(from, "2.00.9.4") ? ", in this release even one that was stopped by order" : ""}`,
      {
        remedy: "Nothing to do: the run sets it to 0 and puts it back. Meanwhile no controller starts a data node that crashes.",
        source: "facts 0.8, 5.3",
      },
    ),
  );
  if (unknown.length > 0)
    found.push(
      notMeasured("restart-interval", unknown.join(", "), "datanodeRestartInterval could not be asked", {
        remedy: "See getDatanodeRestartInterval() there; shipped configurations since 3.00.2 switch it on.",
        source: "facts 0.8",
      }),
    );
  return orPassed(found, "restart-interval", "controllers", "datanodeRestartInterval is 0 on every controller: none starts a data node by itself");
}

function jobs({ facts, goal, hosts }: View): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const found = hosts.flatMap((host): readonly Check[] => {
    const batch = Object.entries(facts.structure.nodes).flatMap(([name, node]) =>
      node.host === host ? (facts.now.nodes[name]?.felt?.batchJobs ?? []).map((job) => `${job} on ${name}`) : [],
    );
    if (batch.length === 0) return [];
    const waits = goal.options["jobs"] !== "list";
    return [
      waits
        ? warning("jobs", host, `${count(batch.length, "batch job")} running: ${some(batch)}`, {
            remedy: "The turn of the host waits until they have ended (-o jobs=list only lists them); cancelJob ends one.",
            source: "facts 5.4",
          })
        : blocker("jobs", host, `${count(batch.length, "batch job")} running: ${some(batch)}`, {
            remedy: "Leave -o jobs=list out: the turn then waits until they have ended.",
            price: `${count(batch.length, "job")} would be cut off and ${batch.length === 1 ? "is" : "are"} not started again by anybody`,
            source: "facts 5.3, 5.4",
          }),
    ];
  });
  return orPassed(found, "jobs", "cluster", "no batch job runs, as far as the nodes tell");
}
