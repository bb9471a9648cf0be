// Each safety rule with a patch that breaks it, the unchanged check that must fail then, and the words by which that check names the rule.
export type Check =
  /** A test file of the product, run as it is. */
  | { readonly by: "test"; readonly file: string; readonly title?: string }
  /** A slice of the in-memory matrices: its counters must not be 0 any more. */
  | { readonly by: "matrix"; readonly system: string; readonly kind: string; readonly every: number }
  /** A scenario on real servers, by its name. */
  | { readonly by: "scenario"; readonly name: string };

export interface Mutant {
  /** Of the rule, and of the patch file. */
  readonly name: string;
  /** What the rule prevents. */
  readonly prevents: string;
  readonly check: Check;
  /** Must stand in the output of the check that fails. */
  readonly says: RegExp;
}

const test = (file: string, title?: string): Check => ({ by: "test", file, ...(title === undefined ? {} : { title }) });
const matrix = (system: string, kind: string, every = 1): Check => ({ by: "matrix", system, kind, every });
/** A counter of the matrix that is not 0, or a trial that failed. */
const counted = /"(failed|lost|leftovers|extraRestarts|doubleActions|unclear)":[1-9]/;

export const mutants: readonly Mutant[] = [
  {
    name: "fence",
    prevents: "a frozen process that wakes up acts on a host that somebody else has claimed since",
    check: test("src/hosts/local/local.integration.test.ts", "older epoch"),
    says: /SW3010/,
  },
  {
    name: "fence-connection",
    prevents: "a frame of a lost connection that arrives late takes effect",
    check: test("src/hosts/local/local.integration.test.ts", "older connection number"),
    says: /SW3010/,
  },
  {
    name: "host-held",
    prevents: "a second journal, perhaps on another machine, takes a host that is held",
    check: test("src/hosts/local/local.integration.test.ts", "journal"),
    says: /SW2002|why\.0/,
  },
  {
    name: "epoch-check",
    prevents: "a process whose claim was taken writes into the journal",
    check: test("src/journal/sqlite/sqlite-store.test.ts", "older epoch"),
    says: /SW2003|ClaimLost/,
  },
  {
    name: "claim-held",
    prevents: "two processes with one journal work on one cluster",
    check: test("src/journal/sqlite/sqlite-store.test.ts", "while another holds it"),
    says: /SW2001/,
  },
  {
    name: "claim-before-effect",
    prevents: "an effect of which the journal knows nothing: after a crash nobody waits for it",
    check: matrix("cdap", "crash", 20),
    says: counted,
  },
  {
    name: "claim-proved-before-network",
    prevents: "a request over the network, where no fence is, by a process that has lost its claim",
    check: test("robustness/mutants/checks/network-claim.test.ts"),
    says: /SW2003|ClaimLost/,
  },
  {
    name: "recorded-pre-image",
    prevents: "the value to put back is read after it was changed",
    check: matrix("postgres", "crash", 3),
    says: counted,
  },
  { name: "lease-put-back", prevents: "a temporary setting stays after an abort", check: matrix("cdap", "abort", 10), says: counted },
  {
    name: "lease-set-again",
    prevents: "a lease that the cluster lost stays lost for the rest of the run",
    check: matrix("dolphindb", "abort"),
    says: counted,
  },
  { name: "gate", prevents: "the next turn begins while a node is down", check: matrix("etcd", "outage"), says: counted },
  { name: "no-worse", prevents: "a step that breaks an invariant of the cluster as it is now", check: matrix("etcd", "outage"), says: counted },
  { name: "settle", prevents: "an act is repeated while the first may still arrive", check: matrix("dolphindb", "crash", 5), says: counted },
  {
    name: "answered",
    prevents: "another step begins while an effect that nobody has seen may still arrive",
    check: matrix("cdap", "abort", 10),
    says: counted,
  },
  { name: "commit", prevents: "an abort past the point of no return undoes half a turn", check: matrix("postgres", "abort"), says: counted },
  {
    name: "resolve-commit",
    prevents: "an abort takes an unanswered act for a point of no return",
    check: matrix("postgres", "abort-in-flight"),
    says: counted,
  },
  {
    name: "bounds",
    prevents: "a run does more than was approved",
    check: test("robustness/matrix/matrix.test.ts", "more than was approved"),
    says: /failures|AssertionError/,
  },
  { name: "journal-expansion", prevents: "steps that a crash forgets", check: matrix("postgres", "crash"), says: counted },
  { name: "unreachable-is-not-lost", prevents: "silence is taken for a lease that is gone", check: matrix("cdap", "crash", 40), says: counted },
  {
    name: "held-at-once",
    prevents: "the cluster stays without its lease while an answer is waited for",
    check: matrix("guarded", "crash"),
    says: counted,
  },
  {
    name: "reconnect",
    prevents: "what a lost connection still has on its way arrives after the next act",
    check: matrix("etcd", "crash"),
    says: counted,
  },
  {
    name: "unknown-is-not-failed",
    prevents: "a time-out is taken for a refusal, and the act done again at once",
    check: matrix("cdap", "crash", 20),
    says: counted,
  },
  {
    name: "unknown-is-not-failed-in-the-probe",
    prevents: "a write without an answer counts as refused: its effect, which is right, would count as a record that nobody wrote",
    check: test("src/continuity/probe.test.ts"),
    says: /unknown/,
  },
  {
    name: "staleness",
    prevents: "a plan for a cluster that is another by now is applied",
    check: { by: "scenario", name: "a plan that was made before the cluster changed" },
    says: /SW1201/,
  },
  {
    name: "plan-hash",
    prevents: "a plan that was edited by hand is applied",
    check: test("robustness/mutants/checks/plan-hash.test.ts"),
    says: /SW1202/,
  },
  {
    name: "artefact-hash",
    prevents: "another file than the one that was planned is installed",
    check: { by: "scenario", name: "an artefact with another sha256" },
    says: /SW1204/,
  },
  {
    name: "min-acks",
    prevents: "`pass` without acknowledgements in a risk window",
    check: test("src/continuity/verdict.test.ts", "acknowledgement"),
    says: /not-measured/,
  },
  {
    name: "authoritative-read",
    prevents: "`pass` although the authoritative records were never read",
    check: test("src/continuity/verdict.test.ts", "authoritative path not read"),
    says: /not-measured/,
  },
  {
    name: "authoritative-path",
    prevents: "records of a standby are taken for those of the primary",
    check: test("src/drivers/postgres/continuity.integration.test.ts", "finds the loss|reads on the primary"),
    says: /lost|replicaOnly|AssertionError/,
  },
  {
    name: "control",
    prevents: "`pass` by a checker that would not see a loss",
    check: test("src/continuity/verdict.test.ts", "control missed"),
    says: /not-measured/,
  },
  {
    name: "dead-probe",
    prevents: "`pass` for a window that the probe did not see",
    check: test("src/continuity/verdict.test.ts", "a hole covers"),
    says: /not-measured/,
  },
];
