// Published APIs by class, and who may call them until when. The class of one version of an API does not change: it is asked for once.
import type { DpCluster } from "./cluster.ts";
import { eachOf } from "./operations/batches.ts";
import type { ApiClass, DpApi, DpGrant, DpProject } from "./facts.ts";
import { getApiClass, listGrants, listPublishedApis, type PublishedApi } from "./wire/operations/data-service.ts";

export interface DataServiceFacts {
  readonly apis: readonly DpApi[];
  readonly grants: readonly DpGrant[];
}

export async function readDataService(
  cluster: DpCluster,
  projects: readonly DpProject[],
  classes: Map<string, ApiClass | null>,
): Promise<DataServiceFacts> {
  const published = (await eachOf(projects, ({ id }) => listPublishedApis(cluster.api, id))).flat();
  const apis = await eachOf(published, (each) => apiOf(cluster, each, classes));
  const known = new Set(published.map(({ id }) => id));
  const appKeys = [...new Set(published.flatMap((each) => each.appKeys))].toSorted();
  const grants = await eachOf(appKeys, async (appKey) => (await listGrants(cluster.api, appKey)).map((grant) => ({ appKey, grant })));
  return {
    apis: apis.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    grants: grants
      .flat()
      // A grant of development alone has no last day here, and every field withheld.
      .filter(({ grant }) => known.has(grant.api) && (grant.expires !== null || grant.fields.some(({ granted }) => granted)))
      .map(({ appKey, grant: { api, expires, fields } }): DpGrant => {
        const declared = (cluster.declared.fieldGrants ?? []).find((each) => each.api === api);
        const withheld = fields.filter(({ granted }) => !granted).map(({ name }) => name);
        const granted = fields.filter((field) => field.granted).map(({ name }) => name);
        if (withheld.length > 0) return { api, appKey, expires, fields: granted, withheld };
        return declared === undefined
          ? { api, appKey, expires, fields: null, withheld: [] }
          : { api, appKey, expires, fields: declared.fields, withheld: [`all but those, says ${declared.source}`] };
      })
      .toSorted((a, b) => (`${a.api} ${a.appKey}` < `${b.api} ${b.appKey}` ? -1 : 1)),
  };
}

async function apiOf(cluster: DpCluster, published: PublishedApi, classes: Map<string, ApiClass | null>): Promise<DpApi> {
  const { id, name, project, version } = published;
  const declared = cluster.declared.apis?.[id];
  if (declared !== undefined) return { id, name, project, version, class: declared.class, classFrom: declared.source };
  const key = `${id} ${version}`;
  let found = classes.get(key);
  if (found === undefined) {
    found = await getApiClass(cluster.api, published);
    classes.set(key, found);
  }
  return {
    id,
    name,
    project,
    version,
    class: found ?? "unknown",
    classFrom: found === null ? "its document does not tell" : "GetDataServiceApiDocument",
  };
}
