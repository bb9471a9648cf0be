// What the documents of CDAP say of upgrading applications, and what Stillwater does about it. Commands without `stillwater` in front.
import type { Statement } from "./statements.ts";

const works = (id: string, says: string, does: string, command: string): Statement => ({ id, says, does, command, deviates: null });

export const cdap: readonly Statement[] = [
  works(
    "CD-1",
    "The page mixes two generations.",
    "what holds is decided by the server's version (the parameter `graceful`, versions of an application from 6.9 on, pipelines with a state) and shown",
    "check, plan --to V",
  ),
  works(
    "CD-2",
    "Real-time pipelines are stopped gracefully before the upgrade.",
    "every run of every version of the application by its run id; done only when no run is left in any active state",
    "programs stop --all --graceful; apply PLAN",
  ),
  works(
    "CD-3",
    "Stop them one after another, or several at the same time.",
    "one, several or all, many at a time with a bound on requests a second",
    "programs stop --program TYPE/NAME | --all",
  ),
  works(
    "CD-4",
    "Graceful with no time: never killed.",
    "we never kill; the server's own budget is read from its configuration, and when it will kill, that is said before",
    "programs stop --all --graceful",
  ),
  works(
    "CD-5",
    "Graceful with N seconds: tried for N seconds, then killed by force.",
    "N seconds by the run's own stop, then by force; enforced by us, because released servers ignore the parameter",
    "programs stop --all --graceful=N",
  ),
  works(
    "CD-6",
    "Write-ahead logs must be on since the launch of the pipeline.",
    "read from the pipeline's own configuration (both spellings), its preferences and the arguments of its run",
    "check --to V",
  ),
  works(
    "CD-7",
    "With write-ahead logs and a graceful stop no data is lost; otherwise there is a possibility of loss.",
    "a verdict for each pipeline in the forecast, with its reason: no loss, loss possible, not supported",
    "impact --to V, plan --to V",
  ),
  works(
    "CD-8",
    "Upgrading real-time pipelines to the latest artefacts is not supported.",
    "refused with the documented way around; only pipelines with a state store are upgraded through the API",
    "plan --apps NAME --to latest",
  ),
  works(
    "CD-9",
    "Back up all applications first.",
    "the export and everything that it leaves out (schedules, preferences, arguments, profiles, ...), reopened, counted and hashed",
    "backup, plan --to V",
  ),
  works("CD-10", "List the applications to get their names.", "over all namespaces, page by page", "inspect --table applications"),
  works(
    "CD-11",
    "Addressing: namespace, application, version, program type, program, run.",
    "all parts, the words of the path and those of the bodies",
    "programs list --app NAME --program TYPE/NAME --run ID",
  ),
  works(
    "CD-12",
    "A program that is STOPPED cannot be stopped.",
    "a stated answer for that element, with the server's status code; not a failure of the run",
    "programs stop --program TYPE/NAME",
  ),
  works(
    "CD-13",
    "Several RUNNING runs of a program: the stop is of one of the runs, not all.",
    "each by its run id; what servers really do (all runs of the latest version) is said",
    "programs stop --program TYPE/NAME",
  ),
  works(
    "CD-14",
    "Stop a specific run, with seconds.",
    "by run id, in whatever version of the application it runs",
    "programs stop --run ID --graceful=N",
  ),
  works(
    "CD-15",
    "Stop multiple programs of different applications and types in one call.",
    "a file in the shape of that call's body",
    "programs stop --file FILE",
  ),
  works(
    "CD-16",
    "The answer is a JSON array with an element for each object of the input.",
    "an element for each element of the input, with its input, its status code and all its runs",
    "programs stop --file FILE --json",
  ),
  works(
    "CD-17",
    "Upgrade an application to the latest version of its artefacts; one and many.",
    "in batches with a re-read after each; an application that has arrived is not upgraded again",
    "plan --apps all --to latest; apply PLAN",
  ),
];
