// APIs of DataService: which are published, of which class each is, and who may call it until when (facts 2.2 D3, 2.4, 3.2).
import type { ApiClass } from "../../facts.ts";
import type { Api } from "../caller.ts";
import { everyPage, pageSize } from "../paging.ts";
import { numberIn, objectIn, objectsIn, textIn, trueIn, type JsonObject } from "../reading.ts";

export interface PublishedApi {
  /** Up to 64 bits. */
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly version: string;
  /** Made from a logical unit: a service-unit API. */
  readonly ofServiceUnit: boolean;
  /** Of the applications that are bound to it. */
  readonly appKeys: readonly string[];
}
export async function listPublishedApis(api: Api, project: string): Promise<readonly PublishedApi[]> {
  const found = await everyPage("ListDataServicePublishedApis", async (page) => {
    const reply = await api.read("ListDataServicePublishedApis", { ProjectId: project, ListQuery: { PageNo: page, PageSize: pageSize } });
    const result = objectIn(reply, "PageResult");
    return { entries: objectsIn(result, "ApiList"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((each) => {
    const id = textIn(each, "ApiId");
    if (id === null) return [];
    return [
      {
        id,
        name: textIn(each, "ApiName") ?? id,
        project,
        version: textIn(each, "Version") ?? "",
        ofServiceUnit: textIn(each, "LogicUnitNo") !== null,
        appKeys: objectsIn(each, "AppInfoList").flatMap((app) => textIn(app, "AppKey") ?? []),
      },
    ];
  });
}

/**
 * Which class it is, by what its document has: the registration of another server, a logical table, a direct data source. What the numbers of `CreateType`
 * and `Mode` mean is not published, so they decide nothing. Null: the document does not tell.
 */
export async function getApiClass(api: Api, published: PublishedApi): Promise<ApiClass | null> {
  const reply = await api.read("GetDataServiceApiDocument", { Id: published.id });
  return classIn(objectIn(reply, "Data"), published);
}
function classIn(document: JsonObject | null, { ofServiceUnit }: PublishedApi): ApiClass | null {
  if (document === null) return null;
  if (objectIn(document, "ApiRegisterInfo") !== null) return "registered";
  if (trueIn(document, "IsLogicalTable")) return "logicalTable";
  if (ofServiceUnit) return "serviceUnit";
  return textIn(document, "DirectDatasourceId") === null ? null : "direct";
}

export interface ApiGrant {
  readonly api: string;
  /** yyyy-MM-dd; null: it says none. */
  readonly expires: string | null;
  readonly fields: readonly { readonly name: string; readonly granted: boolean }[];
}
/** What one application may call in production, and which fields of it. */
export async function listGrants(api: Api, appKey: string): Promise<readonly ApiGrant[]> {
  const found = await everyPage("ListAuthorizedDataServiceApiDetails", async (page) => {
    const reply = await api.read("ListAuthorizedDataServiceApiDetails", { ListQuery: { AppKey: appKey, Page: page, PageSize: pageSize } });
    const result = objectIn(reply, "Result");
    return { entries: objectsIn(result, "Data"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((each) => {
    const id = textIn(each, "ApiId");
    if (id === null) return [];
    const fields = objectsIn(each, "AuthorizedProdReturnParameters").flatMap((field) => {
      const name = textIn(field, "ParameterName");
      return name === null ? [] : [{ name, granted: trueIn(field, "IsAuthorized") }];
    });
    return [{ api: id, expires: /^\d{4}-\d\d-\d\d/.exec(textIn(each, "ProdAuthPeriod") ?? "")?.[0] ?? null, fields }];
  });
}
