import type { AnyVerb } from "./context.ts";

export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  readonly group: "The cluster" | "A plan" | "Maintenance" | "A run" | "Afterwards" | "More";
  load(): Promise<AnyVerb>;
}

/** The verbs in the order in which an operator meets them. Each is loaded when it is called, so that help costs nothing. */
export const verbs: readonly VerbEntry[] = [
  {
    name: "init",
    group: "The cluster",
    summary: "write cluster.yaml from a running cluster",
    load: async () => (await import("./commands/init.ts")).verb,
  },
  { name: "inspect", group: "The cluster", summary: "show the cluster as it is now", load: async () => (await import("./commands/inspect.ts")).verb },
  { name: "check", group: "The cluster", summary: "run the prechecks only", load: async () => (await import("./commands/check.ts")).verb },
  {
    name: "plan",
    group: "A plan",
    summary: "plan a version, a configuration change or a restart",
    load: async () => (await import("./commands/plan.ts")).verb,
  },
  {
    name: "impact",
    group: "A plan",
    summary: "what each mode would let users feel, without a plan",
    load: async () => (await import("./commands/impact.ts")).verb,
  },
  { name: "show", group: "A plan", summary: "show a plan again", load: async () => (await import("./commands/show.ts")).verb },
  { name: "apply", group: "A plan", summary: "carry a plan out", load: async () => (await import("./commands/apply.ts")).verb },
  { name: "rollback", group: "A plan", summary: "plan and carry out the way back", load: async () => (await import("./commands/rollback.ts")).verb },
  {
    name: "recover",
    group: "Maintenance",
    summary: "heal what is sick in the cluster, and touch nothing else",
    load: async () => (await import("./commands/maintenance.ts")).recover,
  },
  {
    name: "drain",
    group: "Maintenance",
    summary: "make a node free to be taken down",
    load: async () => (await import("./commands/maintenance.ts")).drain,
  },
  {
    name: "restore",
    group: "Maintenance",
    summary: "put back what the drain of a node moved, or what a backup has",
    load: async () => (await import("./commands/backup.ts")).restore,
  },
  {
    name: "programs",
    group: "Maintenance",
    summary: "list, stop and start the users' programs",
    load: async () => (await import("./commands/programs.ts")).verb,
  },
  {
    name: "backup",
    group: "Maintenance",
    summary: "copy all definitions to a directory, and prove the copy",
    load: async () => (await import("./commands/backup.ts")).backup,
  },
  {
    name: "status",
    group: "A run",
    summary: "where the run is, and what it waits for",
    load: async () => (await import("./commands/status.ts")).verb,
  },
  { name: "watch", group: "A run", summary: "look on, live", load: async () => (await import("./commands/watch.ts")).verb },
  { name: "pause", group: "A run", summary: "stand still: nothing new is begun", load: async () => (await import("./commands/pause.ts")).verb },
  {
    name: "resume",
    group: "A run",
    summary: "go on after a pause, a crash or an answer",
    load: async () => (await import("./commands/resume.ts")).verb,
  },
  {
    name: "abort",
    group: "A run",
    summary: "end the run and put everything temporary back",
    load: async () => (await import("./commands/abort.ts")).verb,
  },
  {
    name: "terminate",
    group: "A run",
    summary: "end the run while that is clean; refused afterwards",
    load: async () => (await import("./commands/end-run.ts")).terminate,
  },
  {
    name: "force-stop",
    group: "A run",
    summary: "end the run where it is, marked as succeeded or failed",
    load: async () => (await import("./commands/end-run.ts")).forceStop,
  },
  {
    name: "finish",
    group: "A run",
    summary: "the result was verified: let the run end",
    load: async () => (await import("./commands/end-run.ts")).finish,
  },
  {
    name: "retry",
    group: "A run",
    summary: "answer: look again, and do the step if it is not done",
    load: async () => (await import("./commands/answer.ts")).retry,
  },
  { name: "skip", group: "A run", summary: "answer: leave the step out", load: async () => (await import("./commands/answer.ts")).skip },
  {
    name: "mark-done",
    group: "A run",
    summary: "answer: the step has happened; a look checks that",
    load: async () => (await import("./commands/answer.ts")).markDone,
  },
  { name: "approve", group: "A run", summary: "answer: go on with the step", load: async () => (await import("./commands/answer.ts")).approve },
  {
    name: "verify",
    group: "Afterwards",
    summary: "read everything again and compare",
    load: async () => (await import("./commands/verify.ts")).verb,
  },
  {
    name: "probe",
    group: "Afterwards",
    summary: "write and read rows of its own without a plan, and tell what was lost",
    load: async () => (await import("./commands/probe.ts")).verb,
  },
  { name: "report", group: "Afterwards", summary: "forecast against measured", load: async () => (await import("./commands/report.ts")).verb },
  { name: "history", group: "Afterwards", summary: "list runs and plans", load: async () => (await import("./commands/history.ts")).verb },
  {
    name: "sdk",
    group: "Afterwards",
    summary: "check the client libraries of an application",
    load: async () => (await import("./commands/sdk.ts")).verb,
  },
  {
    name: "claim",
    group: "More",
    summary: "take a cluster over from a holder that is gone",
    load: async () => (await import("./commands/claim.ts")).verb,
  },
  {
    name: "lab",
    group: "More",
    summary: "a simulated cluster on this machine, to try things on",
    load: async () => (await import("./commands/lab.ts")).verb,
  },
  {
    name: "demo",
    group: "More",
    summary: "build a real cluster here and upgrade it under load",
    load: async () => (await import("./commands/demo.ts")).verb,
  },
];
