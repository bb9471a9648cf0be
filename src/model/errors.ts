// The one table of errors. docs/error-codes.md is generated from it.
// Exit codes of the command line: see exitCodes.

export const exitCodes = {
  ok: { code: 0, means: "done, and what was claimed was proved" },
  failed: { code: 1, means: "an unexpected fault, or the report's verdict is `fail`" },
  usage: { code: 2, means: "the call, a file or a value in it is wrong; nothing was changed" },
  refused: { code: 3, means: "not safe or not possible now; nothing was changed" },
  needsOperator: { code: 4, means: "the run stands still and waits for a person; `stillwater status` says for what" },
  busy: { code: 5, means: "somebody else holds the cluster; nothing was changed" },
  notMeasured: { code: 6, means: "the run is done, but continuity could not be measured" },
  aborted: {
    code: 7,
    means: "the run was aborted and its report found no harm; or it was stopped by force, and `stillwater status` names what is still set",
  },
} as const;
export type ExitName = keyof typeof exitCodes;

/** Code to: what the exit code is, what it means, what to do. Codes are never reused. */
export const errorTable = {
  // 10xx the call
  SW1001: { exit: "usage", means: "The command line is wrong.", remedy: "See the command's --help." },
  SW1002: { exit: "usage", means: "There is no plan of that name.", remedy: "`stillwater history` lists plans and runs." },
  SW1003: {
    exit: "usage",
    means: "The confirmation does not match the plan.",
    remedy: "Give the plan's short hash as it is printed by `stillwater show`.",
  },
  SW1004: { exit: "usage", means: "There is no such run, or it is another cluster's.", remedy: "`stillwater history` lists the runs." },
  SW1005: { exit: "usage", means: "The step does not wait for an answer.", remedy: "`stillwater status` names the step that waits." },
  SW1006: { exit: "usage", means: "A reason is needed.", remedy: 'Add --reason "...": it is kept in the journal with your name.' },
  // 11xx the cluster file
  SW1101: { exit: "usage", means: "The cluster file cannot be read.", remedy: "Write one with `stillwater init`, or name it with --cluster FILE." },
  SW1102: { exit: "usage", means: "The cluster file is not valid.", remedy: "Mend the named line; nothing was changed." },
  SW1103: { exit: "usage", means: "No driver of that name.", remedy: "`stillwater --help` lists the systems." },
  SW1104: {
    exit: "usage",
    means: "A secret is missing.",
    remedy: "Set the environment variable, create the file or mend the command that the reference names.",
  },
  SW1105: { exit: "usage", means: "The cluster file exists already.", remedy: "Name another file with --output, or remove it." },
  SW1107: { exit: "usage", means: "The cluster file has no such host.", remedy: "Add it under `hosts:`." },
  // 12xx plans and artefacts
  SW1201: { exit: "refused", means: "The plan is stale: the cluster's structure has changed since.", remedy: "Make a new plan." },
  SW1202: {
    exit: "usage",
    means: "The plan was changed after it was made: its hash does not match.",
    remedy: "Make a new plan; a plan cannot be edited by hand.",
  },
  SW1203: { exit: "usage", means: "The artefact cannot be read.", remedy: "Check the path and the permissions." },
  SW1204: {
    exit: "refused",
    means: "The artefact is not the one that was planned: its sha256 differs.",
    remedy: "Restore the file, or make a new plan with this one.",
  },
  SW1205: {
    exit: "usage",
    means: "The artefact is not a release of this system, or is damaged.",
    remedy: "Fetch it again and compare its checksum with the vendor's.",
  },
  SW1206: {
    exit: "usage",
    means: "The artefact holds another version than the goal.",
    remedy: "Give the artefact of the goal's version, or the artefact's version as the goal.",
  },
  SW1207: {
    exit: "failed",
    means: "The checker refuses the plan that the driver made.",
    remedy: "This is a defect of the driver; please report it with the output.",
  },
  SW1208: { exit: "usage", means: "The plan file is not a plan.", remedy: "Give the name of a plan, or a file that `stillwater plan` wrote." },
  SW1209: {
    exit: "usage",
    means: "The plan has a version that this release does not know.",
    remedy: "Use the release that made it, or make a new plan.",
  },
  // 20xx claims and runs
  SW2001: {
    exit: "busy",
    means: "Another Stillwater holds the cluster.",
    remedy: "Wait until it has finished, or look at it with `stillwater watch`.",
  },
  SW2002: {
    exit: "busy",
    means: "A Stillwater with another journal holds a host of the cluster.",
    remedy: 'Ask the holder. If he is gone for good: `stillwater claim --take-over --reason "..."`.',
  },
  SW2003: {
    exit: "busy",
    means: "The claim was lost: somebody else took over.",
    remedy: "Nothing more was done here. `stillwater status` shows who goes on.",
  },
  SW2004: {
    exit: "refused",
    means: "A run is not finished on this cluster.",
    remedy: "`stillwater resume` continues it, `stillwater abort` ends it.",
  },
  SW2005: { exit: "refused", means: "There is nothing to resume.", remedy: "`stillwater status` shows the last run." },
  SW2006: {
    exit: "refused",
    means: "There is no way back any more.",
    remedy: "The plan names the point of no return; restore from a backup if you must.",
  },
  SW2007: {
    exit: "needsOperator",
    means: "The run stands still and waits for a person.",
    remedy: "`stillwater status` says for what, and what you can answer.",
  },
  SW2008: { exit: "refused", means: "Nobody works on the run now.", remedy: "`stillwater status` shows where it stands." },
  SW2009: { exit: "refused", means: "An abort was asked for, and comes first.", remedy: "`stillwater watch` shows how it goes on." },
  SW2010: {
    exit: "refused",
    means: "The run cannot be ended cleanly any more.",
    remedy: "`stillwater resume` goes on; `stillwater abort` finishes what cannot be undone; `stillwater force-stop` ends it where it is.",
  },
  SW2101: {
    exit: "needsOperator",
    means: "A gate does not hold: the next turn may not start.",
    remedy: "Mend what is named, then `stillwater resume`.",
  },
  SW2102: {
    exit: "needsOperator",
    means: "A step did not get there in time.",
    remedy: "Look at the named object and its log; then `stillwater retry`, `mark-done`, `skip` or `abort`.",
  },
  SW2103: {
    exit: "needsOperator",
    means: "No observation can decide whether the step has happened.",
    remedy: "Find out what is listed as unknown; then `stillwater mark-done` or `retry`.",
  },
  SW2104: {
    exit: "needsOperator",
    means: "The step would break an invariant of the cluster.",
    remedy: "Mend what is named, then `stillwater resume`.",
  },
  SW2105: { exit: "needsOperator", means: "The step wants more than the approved plan allows.", remedy: "`stillwater abort`, and make a new plan." },
  SW2106: { exit: "needsOperator", means: "The step failed with an answer.", remedy: "Mend the cause; then `stillwater retry` or `abort`." },
  SW2107: { exit: "refused", means: "Not safe now.", remedy: "Mend what is named, or override it by name." },
  SW2108: { exit: "refused", means: "The mode is not eligible for this goal.", remedy: "Choose another mode; the reasons are listed." },
  SW2109: { exit: "refused", means: "There is nothing to do.", remedy: "The cluster already is what was asked for." },
  SW2110: { exit: "refused", means: "The plan cannot be made.", remedy: "Mend what is named." },
  // 30xx hosts
  SW3001: { exit: "refused", means: "The host cannot be reached.", remedy: "Check that `ssh HOST true` works from here as this user." },
  SW3002: { exit: "refused", means: "The host lacks something that the helper needs.", remedy: "Install the named tool." },
  SW3003: {
    exit: "needsOperator",
    means: "The host did not answer in time: what was asked for may or may not have happened.",
    remedy: "Stillwater looks again by itself; if it stays so, look at the host.",
  },
  SW3004: { exit: "refused", means: "A command on the host failed.", remedy: "Its output is shown." },
  SW3005: { exit: "refused", means: "A file on the host cannot be used.", remedy: "Check the path, its permissions and its size." },
  SW3010: { exit: "busy", means: "The host refused an effect of an older claim.", remedy: "Somebody else has taken over; nothing was done." },
  SW3011: {
    exit: "refused",
    means: "A file on the host is not what was expected; it was left as it is.",
    remedy: "Somebody else changed it; look at it and plan again.",
  },
  SW3012: { exit: "needsOperator", means: "The disk is full.", remedy: "Free the named amount of space, then `stillwater resume`." },
  SW3013: {
    exit: "needsOperator",
    means: "A copy does not have the checksum of its source.",
    remedy: "Check disk and network of the host, then `stillwater retry`.",
  },
  // 40xx the journal
  SW4001: { exit: "failed", means: "The journal cannot be opened.", remedy: "Check the directory and its permissions." },
  SW4002: {
    exit: "failed",
    means: "The journal cannot be written: the disk is full or failed.",
    remedy: "Free space, then `stillwater resume`: nothing was done that is not in the journal.",
  },
  SW4003: {
    exit: "failed",
    means: "The journal is damaged or from a newer release.",
    remedy: "Use the newer release, or restore the journal from a backup.",
  },
  SW4004: {
    exit: "refused",
    means: "The journal lies on a network file system, where locks cannot be trusted.",
    remedy: "Put the state directory on a local disk (--state DIR).",
  },
  // 50xx continuity
  SW5001: {
    exit: "refused",
    means: "The probe could not start.",
    remedy: "The cause is named; without a probe use --no-probe and the report will say `not measured`.",
  },
  SW5002: {
    exit: "failed",
    means: "The probe's positive control was not caught: its verdict cannot be trusted.",
    remedy: "Please report this with the run's directory.",
  },
  SW5003: {
    exit: "failed",
    means: "Acknowledged records are lost.",
    remedy: "The report lists them; do not continue with other clusters before the cause is known.",
  },
  SW5004: {
    exit: "refused",
    means: "A probe of the cluster runs already.",
    remedy: "`stillwater probe verdict` tells what it has found so far, `stillwater probe stop` ends it.",
  },
  SW5005: { exit: "usage", means: "There is no such probe of the cluster.", remedy: "`stillwater probe start` starts one." },
  SW5006: { exit: "failed", means: "The probe does not end.", remedy: "Look at the named process and at the probe's log." },
  // 60xx systems
  SW6001: { exit: "refused", means: "The system does not answer.", remedy: "Check that it runs and that endpoint, user and password are right." },
  SW6002: {
    exit: "usage",
    means: "The setting is not known to the system, or its value is not valid.",
    remedy: "The system's own message is shown.",
  },
  SW6003: { exit: "refused", means: "Another manager owns this cluster.", remedy: "Use that manager, or hand the cluster over first." },
  SW9999: { exit: "failed", means: "A defect of Stillwater.", remedy: "Please report it with the output." },
} as const satisfies Record<string, { exit: ExitName; means: string; remedy: string }>;
export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetail {
  /** What the error is about, named as the vendor names it. */
  readonly object?: string;
  /** What was seen, one line each. */
  readonly why?: readonly string[];
  /** Instead of the table's remedy, when more is known. */
  readonly remedy?: string;
  /** What an override would cost. */
  readonly price?: string;
  /** The name by which it can be overridden; absent: it cannot. */
  readonly override?: string;
  readonly cause?: unknown;
}

/** An error for people: a stable code, what happened, to which object, what to do. Never holds a secret: redact before building one. */
export class StillwaterError extends Error {
  readonly code: ErrorCode;
  readonly object: string | null;
  readonly why: readonly string[];
  readonly remedy: string;
  readonly price: string | null;
  readonly override: string | null;
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? {} : { cause: detail.cause });
    this.name = "StillwaterError";
    this.code = code;
    this.object = detail.object ?? null;
    this.why = detail.why ?? [];
    this.remedy = detail.remedy ?? errorTable[code].remedy;
    this.price = detail.price ?? null;
    this.override = detail.override ?? null;
  }
  get exitCode(): number {
    return exitCodes[errorTable[this.code].exit].code;
  }
}

/** No answer: nothing is known. A look that throws this says nothing; an act that throws it may have happened. */
export class Unreachable extends StillwaterError {
  constructor(message: string, detail: ErrorDetail & { readonly code?: ErrorCode } = {}) {
    super(detail.code ?? "SW6001", message, detail);
    this.name = "Unreachable";
  }
}
/** An answer in words, or a connection refused: an act that throws this did nothing. */
export class Refused extends Unreachable {
  constructor(message: string, detail: ErrorDetail & { readonly code?: ErrorCode } = {}) {
    super(message, detail);
    this.name = "Refused";
  }
}
/** The claim is gone: stop at once, and touch nothing. */
export class ClaimLost extends StillwaterError {
  constructor(message: string) {
    super("SW2003", message);
    this.name = "ClaimLost";
  }
}
