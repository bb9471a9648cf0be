// ListProjects. ListInstances and most others need a project.
import type { Api } from "../caller.ts";
import { everyPage, pageSize } from "../paging.ts";
import { objectIn, objectsIn, numberIn, textIn } from "../reading.ts";

export type Environment = "PROD" | "DEV";
export interface Project {
  /** Up to 64 bits. */
  readonly id: string;
  readonly name: string;
  /** DEV or PROD; of a BASIC project there is only one. */
  readonly environment: string | null;
  readonly mode: string | null;
}

export async function listProjects(api: Api): Promise<readonly Project[]> {
  const found = await everyPage("ListProjects", async (page) => {
    const reply = await api.read("ListProjects", { ListQuery: { PageNo: page, PageSize: pageSize } });
    const result = objectIn(reply, "PageResult");
    return { entries: objectsIn(result, "ProjectList"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((project) => {
    const id = textIn(project, "Id");
    if (id === null) return [];
    return [{ id, name: textIn(project, "Name") ?? id, environment: textIn(project, "Env"), mode: textIn(project, "Mode") }];
  });
}
