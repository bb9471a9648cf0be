import { call, type Answer, type Caller } from "../sdk/rpc.ts";
import type { Sdk } from "../sdk/sdk.ts";
import type { Job } from "../taskmanager/jobs.ts";

export const JOB_COLUMNS = ["id", "job_type", "state", "start_time", "end_time", "parameter", "cluster", "application_id", "error"] as const;

/** SHOW JOBS: the taskmanager that leads is asked. Throws Error when none does, NoReply when it is silent. */
export async function jobRows(sdk: Sdk, caller: Caller, root: string): Promise<readonly (readonly (string | number | null)[])[]> {
  const endpoint = await (await sdk.session()).get(`${root}/taskmanager/leader`);
  if (endpoint === null) throw new Error("Fail to get TaskManager client");
  const { code, msg, jobs = [] } = await call<Answer & { readonly jobs?: readonly Job[] }>(caller, endpoint, "TaskManagerServer", "ShowJobs", {});
  if (code !== 0) throw new Error(msg ?? `ShowJobs: code ${code}`);
  return jobs.map((job) => JOB_COLUMNS.map((column) => job[column] ?? null));
}
