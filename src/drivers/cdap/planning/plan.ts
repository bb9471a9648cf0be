// From facts and a goal to turns. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import type { Goal } from "../../../model/goal.ts";
import type { Item, Turn } from "../../../model/step.ts";
import { selectApps } from "../checks/selection.ts";
import type { CdapFacts } from "../facts.ts";
import { steps } from "../steps.ts";
import { appsOf, moving, movingItems, verifyItems } from "./applications.ts";
import { backedUp, backupDirectory, drained, resumed } from "./around.ts";
import type { Frame, PlanSurroundings } from "./frame.ts";
import { maintenanceTurns } from "./maintenance.ts";
import { chosenMode } from "./modes.ts";
import { planOptions } from "./options.ts";

export function plan(facts: CdapFacts, goal: Goal, surroundings: PlanSurroundings): Draft | Refusal {
  const options = planOptions(goal);
  if ("refused" in options) return options;
  const frame: Frame = { ...surroundings, facts, goal, options };
  if (goal.maintenance) return maintenanceTurns(frame, goal.maintenance);
  if (Object.keys(goal.settings).length > 0)
    return { refused: "settings of CDAP are files of its hosts, which Stillwater does not change", clear: "plan a version: --to VERSION" };
  if (goal.restart)
    return {
      refused: "CDAP has no restart of its own here",
      clear: "drain it with `stillwater programs stop --all`, and restart it by its own means",
    };
  return options.of === "applications" ? applications(frame) : platform(frame);
}

function applications(frame: Frame): Draft | Refusal {
  const all = moving(frame);
  const count = appsOf(all).length;
  // What is not there has no newest artefacts: said before that there is nothing to do, and before the checks, which only a plan reaches.
  const { missing } = selectApps(frame.facts, frame.options.apps);
  if (count === 0 && missing.length > 0)
    return {
      refused: `there is no application ${missing.join(", ")}`,
      clear: "`stillwater inspect --table applications` lists them",
      code: "SW1001",
      object: missing[0] ?? "",
    };
  if (count === 0)
    return {
      refused: "every application has its newest artefacts already, or is one that the server does not upgrade",
      clear: "`stillwater inspect --table applications` lists them with their artefacts",
      code: "SW2109",
    };
  const goesOn = chosenMode(frame.facts, frame.goal) === "zero-downtime";
  return {
    turns: [
      goesOn
        ? backedUp(frame)
        : drained(
            frame,
            appsOf(all).map(({ ns, app }) => ({ ns, app })),
          ),
      { id: "applications", nodes: [], title: `${String(count)} applications to their new artefacts`, items: movingItems(frame, all) },
      { id: "verify", nodes: [], title: "artefacts, plug-ins, configurations, schedules", items: verifyItems(all, backupDirectory(frame)) },
      ...(goesOn ? [] : [resumed]),
    ],
  };
}

function platform(frame: Frame): Draft | Refusal {
  const { facts, goal } = frame;
  const { version } = goal;
  if (version === null) return { refused: "no version is named", clear: "--to VERSION" };
  if (version === facts.structure.version) return { refused: `CDAP ${version} runs already`, clear: "nothing to do", code: "SW2109" };
  const replacing = replaceItem(frame, version);
  if ("refused" in replacing) return replacing;
  const all = moving(frame);
  const later: readonly Turn[] =
    all.length === 0
      ? []
      : [
          {
            id: "applications",
            nodes: [],
            title: `${String(appsOf(all).length)} applications to the artefacts of ${version}`,
            items: movingItems(frame, all),
          },
          { id: "verify", nodes: [], title: "artefacts, plug-ins, configurations, schedules", items: verifyItems(all, backupDirectory(frame)) },
        ];
  return {
    turns: [
      drained(frame, null),
      {
        id: "platform",
        nodes: Object.keys(facts.structure.nodes),
        title: `CDAP ${facts.structure.version ?? "?"} replaced by ${version}`,
        items: [
          replacing,
          steps.platformReady("ready", { version }, { maintenance: "ends", instant: "CDAP ready" }),
          steps.loadSystemArtifacts("system artefacts", { version }),
        ],
      },
      ...later,
      resumed,
    ],
  };
}

const noWayBack = "CDAP has no downgrade once its storage was upgraded: the way back is a restore of that storage";

function replaceItem({ facts, upgrade }: Frame, version: string): Exclude<Item, { readonly undo: string }> | Refusal {
  const from = facts.structure.version;
  const more = { commits: { of: "run" as const, why: noWayBack }, maintenance: "begins-with" as const };
  switch (upgrade.by) {
    case "operator": {
      const how =
        upgrade.instruction ??
        "stop its services on every host, replace its packages, run its UpgradeTool where the release has one, start its services";
      return steps.awaitReplacement(
        "replace",
        { version, from },
        {
          ...more,
          ask: `Every program is drained and the backup is made. Replace CDAP ${from ?? ""} by ${version} now: ${how}. Then approve: Stillwater checks the version and every service itself.`,
        },
      );
    }
    case "command":
      return steps.replacePlatform("replace", { version, from, by: "command", command: [...upgrade.command, version], resource: null }, more);
    case "kubernetes": {
      if (upgrade.image === undefined)
        return { refused: "the image of the resource is not named", clear: "name it in the cluster file: upgrade.image", object: upgrade.resource };
      const { namespace, resource: name, image, userInterfaceImage } = upgrade;
      const tagged = userInterfaceImage === undefined ? null : `${userInterfaceImage}:${version}`;
      const resource = { namespace, name, image: `${image}:${version}`, userInterfaceImage: tagged };
      return steps.replacePlatform("replace", { version, from, by: "kubernetes", command: [], resource }, more);
    }
  }
}
