// What Dataphin's page "Upgrade Notes" says, and what Stillwater does about it. Commands without `stillwater` in front.
import type { Statement } from "./statements.ts";

const works = (id: string, says: string, does: string, command: string): Statement => ({ id, says, does, command, deviates: null });
/** Of a row of the vendor's impact tables. */
const row = (id: string, says: string, does: string): Statement => works(id, says, does, "impact --to V --mode MODE; report");

export const dataphin: readonly Statement[] = [
  works(
    "DP-1",
    "Three methods: downtime, semi-downtime, zero-downtime.",
    "which are eligible for a pair of versions, by rule, and why not",
    "plan --to V --mode MODE",
  ),
  works(
    "DP-2",
    "The main steps of each method.",
    "as data, with the pages' disagreement on backup and pre-upgrade named in the plan",
    "plan --to V, show PLAN --steps",
  ),
  row(
    "DP-3",
    "Logon: semi-downtime once the application upgrade is complete; downtime no; zero-downtime yes.",
    "forecast, and measured by a client that logs on",
  ),
  row("DP-4", "Semi-downtime: running offline nodes, real-time nodes and API calls are not affected.", "each watched and counted"),
  row(
    "DP-5",
    "Semi-downtime: pending instances are blocked only while the application is upgraded.",
    "instances due in the window are counted, and their delay is measured",
  ),
  row(
    "DP-6",
    "Semi-downtime: alerting stops during the upgrade; alerts of the gap are sent afterwards.",
    "forecast per rule; late deliveries are counted",
  ),
  row(
    "DP-7",
    "Semi-downtime: a run-timeout rule may fire for a node that succeeded.",
    "such rules are named; our own judgement goes by the executor's times and does not fire",
  ),
  row("DP-8", "Semi-downtime: resource groups, start and stop, logs are not available.", "forecast and watched"),
  row(
    "DP-9",
    "Downtime: running offline nodes are stopped and run again afterwards; new ones cannot be submitted.",
    "the list is kept outside before the platform goes down; each is run again exactly once, in the order of the DAG",
  ),
  row("DP-10", "Downtime: real-time jobs run as normal.", "watched through the runtime's own interface"),
  row("DP-11", "Downtime: which classes of API calls work and which fail.", "APIs counted by class, and a client per class"),
  row(
    "DP-12",
    "Downtime: calls are authenticated and authorised from a cache.",
    "what lapses and when; longer than 5 minutes with field grants is refused unless it is accepted by name",
  ),
  row("DP-13", "Downtime: APIs cannot be modified, published or viewed.", "forecast and watched"),
  row("DP-14", "Downtime: the operational status of APIs cannot be viewed.", "forecast and watched"),
  row("DP-15", "Downtime: no throttling, no alerting of APIs.", "forecast and watched"),
  row(
    "DP-16",
    "Downtime: real-time alerting is dead until the application is restored; events of the gap are ignored.",
    "both instants are journaled; an own watcher captures the events and hands them over by policy",
  ),
  row("DP-17", "Downtime: real-time management is not available.", "forecast and watched"),
  row("DP-18", "Zero-downtime: rolling upgrade of the application.", "the operator's step or a configured command, confirmed by probes"),
  row("DP-19", "Zero-downtime: a small number of requests may fail; retry.", "failed raw and failed after a retry are both measured"),
];
