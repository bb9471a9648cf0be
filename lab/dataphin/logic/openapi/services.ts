// Alerts, DataService, real-time jobs and the version as the OpenAPI tells them (facts 3.1, 3.2).
import type { AlertEvent, Api, Grant } from "../entities.ts";
import { DAY, timeOf } from "../times.ts";
import { pageOf, type Installation, type Operation } from "./operation.ts";
import { ApiError, type Input } from "./parameters.ts";

/** Error when it is no `yyyy-MM-dd HH:mm:ss`. */
function instant(input: Input, name: string): number {
  const at = Date.parse(`${input.text(name).replace(" ", "T")}Z`);
  if (Number.isNaN(at)) throw new ApiError(`Invalid${name}`, `${name} is no time.`, 400);
  return at;
}
const isOf = (event: AlertEvent, source: string): boolean => source === "ALL" || event.source === source;

const about = (event: AlertEvent, { database }: Installation) => ({
  AlertObject: {
    Name: event.objectName,
    SourceSystemType: event.source,
    Type: event.source === "VDM_BATCH" ? "VDM_BATCH_SHELL" : event.source === "OS" ? "OS_API" : "STREAM_TASK",
  },
  AlertReason: {
    Type: event.reason,
    UniqueKey: event.uniqueKey,
    BizDate: event.bizDate,
    AlertReasonParamList: [{ Key: "occurred_at", Value: timeOf(event.occurredAt) }],
  },
  BelongProject: { ProjectName: database.data.projects.find(({ id }) => id === event.project)?.name ?? "" },
});

const listAlertEvents: Operation = (input, installation) => {
  const query = input.object("ListQuery");
  const [from, to, source] = [instant(query, "AlertStartTime"), instant(query, "AlertEndTime"), query.text("SourceSystem")];
  const found = installation.database.data.alertEvents.filter(
    (event) => event.firstAlertTime >= from && event.firstAlertTime < to + 1_000 && isOf(event, source),
  );
  const { page, total } = pageOf(found, query.number("Page"), query.number("PageSize"));
  const data = page.map((event) => ({
    Id: event.id,
    ...about(event, installation),
    AlertFrequency: "ONCE",
    FirstAlertTime: timeOf(event.firstAlertTime),
    LatestAlertTime: timeOf(event.firstAlertTime),
    TotalAlertTimes: 1,
    Status: event.status,
  }));
  return { ListResult: { Data: data, TotalCount: total } };
};

const listAlertNotifications: Operation = (input, installation) => {
  const query = input.object("ListQuery");
  const [from, to, source] = [instant(query, "NotifyStartTime"), instant(query, "NotifyEndTime"), query.text("SourceSystem")];
  const { alertEvents, notifications } = installation.database.data;
  const found = notifications.flatMap((notification) => {
    const event = alertEvents.find(({ id }) => id === notification.eventId);
    const { sentAt } = notification;
    return event === undefined || sentAt < from || sentAt >= to + 1_000 || !isOf(event, source) ? [] : [{ event, notification }];
  });
  const { page, total } = pageOf(found, query.number("Page"), query.number("PageSize"));
  const data = page.map(({ event, notification }) => ({
    AlertEventId: event.id,
    ...about(event, installation),
    AlertReceiver: { Type: "OWNER", AlertChannelType: notification.channel, User: { Name: "ana" } },
    AlertSend: { SendTime: timeOf(notification.sentAt), Status: "SUCCESS", SendContent: `${event.reason} ${event.objectName}` },
  }));
  return { ListResult: { Data: data, TotalCount: total } };
};

/** Of which nobody has published what the numbers mean (facts 3.2): as they stand in the vendor's example. */
const UNPUBLISHED = { CreateType: 1, Mode: 1, ExecuteMode: 1, ApplyStatus: 1 };

const listPublishedApis: Operation = (input, { database }) => {
  const projectId = input.text("ProjectId");
  const [first] = database.data.projects;
  const query = input.has("ListQuery") ? input.object("ListQuery") : null;
  // All APIs of the lab belong to the project that was made first.
  const all = first?.id === projectId ? Object.values(database.data.apis).filter(({ environments }) => environments.includes("PROD")) : [];
  const { page, total } = pageOf(all, query?.number("PageNo", 1) ?? 1, query?.number("PageSize", 20) ?? 20);
  const list = page.map((api) => {
    const apps = appsOf(api, database.data.grants, database.data.apps);
    return {
      ApiId: api.id,
      ApiName: api.name,
      ProjectId: Number(projectId),
      ProjectName: first?.name,
      Version: api.version,
      AppCount: apps.length,
      AppInfoList: apps,
      ...(api.class === "serviceUnit" ? { LogicUnitNo: api.id + 500 } : {}),
      ...UNPUBLISHED,
    };
  });
  return { PageResult: { ApiList: list, TotalCount: total } };
};
const appsOf = (
  api: Api,
  grants: readonly Grant[],
  apps: Readonly<Record<string, { readonly id: number; readonly name: string; readonly key: string }>>,
) =>
  grants
    .filter((grant) => grant.api === api.id && grant.environment === "PROD")
    .flatMap(({ app }) => {
      const found = Object.values(apps).find(({ id }) => id === app);
      return found === undefined ? [] : [{ AppId: found.id, AppKey: Number(found.key), AppName: found.name }];
    });

const apiDocument: Operation = (input, { database }) => {
  const api = database.data.apis[input.text("Id")];
  if (api === undefined) throw new ApiError("DPN.DataService.ApiNotExist", "the API does not exist");
  return {
    Data: {
      ApiId: api.id,
      ApiName: api.name,
      Version: api.version,
      Timeout: 60,
      CacheTime: 0,
      IsLogicalTable: api.class === "logicalTable",
      ...(api.class === "registered" ? { ApiRegisterInfo: { BackendPath: "/orders", Method: "GET" } } : {}),
      ...(api.class === "direct" ? { DirectDatasourceId: 20_001 } : {}),
      ReturnParameters: api.fields.map((name) => ({ ParameterName: name, ParameterDataType: 0 })),
    },
  };
};

const listGrants: Operation = (input, { database }) => {
  const query = input.object("ListQuery");
  const key = query.text("AppKey");
  const app = Object.values(database.data.apps).find((each) => each.key === key);
  if (app === undefined) throw new ApiError("DPN.DataService.AppNotExist", `application ${key} does not exist`);
  const granted = [...new Set(database.data.grants.filter((grant) => grant.app === app.id).map(({ api }) => api))];
  const { page, total } = pageOf(granted, query.number("Page"), query.number("PageSize"));
  const data = page.flatMap((id) => {
    const api = database.data.apis[String(id)];
    if (api === undefined) return [];
    const grantIn = (environment: "DEV" | "PROD"): Grant | undefined =>
      database.data.grants.find((grant) => grant.app === app.id && grant.api === id && grant.environment === environment);
    const fieldsIn = (grant: Grant | undefined): readonly object[] =>
      api.fields.map((name) => ({
        ParameterName: name,
        ParameterDataType: 0,
        IsAuthorized: grant !== undefined && (grant.fields === null || grant.fields.includes(name)) ? 1 : 0,
      }));
    const [development, production] = [grantIn("DEV"), grantIn("PROD")];
    return [
      {
        ApiId: api.id,
        ApiName: api.name,
        AppId: app.id,
        AuthType: "USE",
        DevAuthPeriod: development?.expireDate,
        ProdAuthPeriod: production?.expireDate,
        AuthorizedDevReturnParameters: fieldsIn(development),
        AuthorizedProdReturnParameters: fieldsIn(production),
      },
    ];
  });
  return { Result: { Data: data, TotalCount: total } };
};

/** The application that it is for, or an error. */
function appIn(input: Input, { database }: Installation): number {
  const app = Object.values(database.data.apps).find(({ id }) => String(id) === input.text("AppId"));
  if (app === undefined) throw new ApiError("DPN.DataService.AppNotExist", `application ${input.text("AppId")} does not exist`);
  return app.id;
}
const environmentIn = (input: Input): "DEV" | "PROD" => (input.optional("Env") === "DEV" ? "DEV" : "PROD");

const grant: Operation = (input, installation) => {
  const command = input.object("GrantCommand");
  const { data } = installation.database;
  const api = data.apis[command.text("ApiId")];
  if (api === undefined) throw new ApiError("DPN.DataService.ApiNotExist", "the API does not exist");
  const app = appIn(command, installation);
  const environment = environmentIn(command);
  const fields = command.texts(environment === "DEV" ? "DevFieldList" : "ProdFieldList");
  data.grants = data.grants.filter((known) => known.app !== app || known.api !== api.id || known.environment !== environment);
  data.grants.push({ app, api: api.id, environment, fields, expireDate: command.text("ExpireDate"), type: "USE" });
  installation.note("GRANT_API", String(api.id));
  return { Data: true };
};
const revoke: Operation = (input, installation) => {
  const command = input.object("RevokeCommand");
  const { data } = installation.database;
  const app = appIn(command, installation);
  const environment = environmentIn(command);
  data.grants = data.grants.filter((known) => known.app !== app || String(known.api) !== command.text("ApiId") || known.environment !== environment);
  installation.note("REVOKE_API", command.text("ApiId"));
  return { Data: true };
};

const publishApi: Operation = (input, { database, note }) => {
  const id = input.text("ApiId");
  if (database.data.apis[id] === undefined) throw new ApiError("DPN.DataService.ApiNotExist", "the API does not exist");
  note("PUBLISH_API", id);
  return { Data: true };
};

const streamJobs: Operation = (input, { database }) => {
  const [project, environment] = [input.text("ProjectId"), input.text("Env")];
  const jobs = database.data.streamJobs.filter(
    (job) => job.project === project && job.environment === environment && job.kind !== "REALTIME_PIPELINE",
  );
  return {
    Data: jobs.map(({ id, name, kind }) => ({ Id: id, JobName: name, Env: environment, ProjectId: project, Status: "3", Type: kind })),
  };
};

export const serviceOperations: Readonly<Record<string, Operation>> = {
  GetServerVersion: (_, { version }) => ({ Data: version }),
  ListAlertEvents: listAlertEvents,
  ListAlertNotifications: listAlertNotifications,
  ListDataServicePublishedApis: listPublishedApis,
  GetDataServiceApiDocument: apiDocument,
  ListAuthorizedDataServiceApiDetails: listGrants,
  GrantDataServiceApi: grant,
  RevokeDataServiceApi: revoke,
  PublishDataServiceApi: publishApi,
  GetStreamJobs: streamJobs,
};

/** Swept once a day, by the application (facts 2.4): what expired before today is revoked. */
export function sweepGrants({ database, clock }: Pick<Installation, "database" | "clock">): void {
  const today = timeOf(clock.now()).slice(0, 10);
  if (database.data.sweptOn === today) return;
  database.data.sweptOn = today;
  database.data.grants = database.data.grants.filter(({ expireDate }) => Date.parse(expireDate) + DAY > clock.now());
}
