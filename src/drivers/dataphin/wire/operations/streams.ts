// Real-time tasks as the application lists them: their life cycle in development only; whether they run, the runtime tells (facts 3.2).
import type { Api } from "../caller.ts";
import { objectsIn, textIn } from "../reading.ts";
import type { Environment } from "./projects.ts";

export interface StreamTask {
  readonly id: string;
  readonly name: string;
  /** 3: published. */
  readonly status: string;
  readonly type: string;
}
export async function listStreamTasks(api: Api, at: { readonly project: string; readonly environment: Environment }): Promise<readonly StreamTask[]> {
  const reply = await api.read("GetStreamJobs", { Env: at.environment, ProjectId: at.project });
  return objectsIn(reply, "Data").flatMap((each) => {
    const id = textIn(each, "Id");
    return id === null ? [] : [{ id, name: textIn(each, "JobName") ?? id, status: textIn(each, "Status") ?? "", type: textIn(each, "Type") ?? "" }];
  });
}
