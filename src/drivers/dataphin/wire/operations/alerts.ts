// Alert events and what was sent of them (facts 3.2). `late` is a notification whose time lies long after its event; `dropped` is an event without one.
import type { Api } from "../caller.ts";
import { everyPage, pageSize } from "../paging.ts";
import { numberIn, objectIn, objectsIn, textIn } from "../reading.ts";
import type { Zone } from "../time.ts";

export type AlertSource = "ALL" | "DQE" | "OS" | "STREAM" | "VDM_BATCH" | "SOP" | "REAL_TIME_PIPELINE" | "KGB";
export interface Between {
  readonly from: number;
  readonly to: number;
  readonly source: AlertSource;
}
export interface AlertEvent {
  readonly id: string;
  /** The same for every alert of one cause: what duplicates are told by. */
  readonly uniqueKey: string;
  readonly object: string;
  readonly source: string;
  /** `VDM_BATCH_ERROR`, `STREAM_CHECKPOINT_FAILURE`, ... */
  readonly reason: string;
  readonly firstAt: number | null;
  readonly latestAt: number | null;
  readonly times: number;
  readonly status: string;
}
export async function listAlertEvents(api: Api, zone: Zone, { from, to, source }: Between): Promise<readonly AlertEvent[]> {
  const found = await everyPage("ListAlertEvents", async (page) => {
    const reply = await api.read("ListAlertEvents", {
      ListQuery: { AlertStartTime: zone.format(from), AlertEndTime: zone.format(to), SourceSystem: source, Page: page, PageSize: pageSize },
    });
    const result = objectIn(reply, "ListResult");
    return { entries: objectsIn(result, "Data"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((event) => {
    const [object, reason] = [objectIn(event, "AlertObject"), objectIn(event, "AlertReason")];
    const timeOf = (key: string): number | null => {
      const text = textIn(event, key);
      return text === null ? null : zone.parse(text);
    };
    const id = textIn(event, "Id");
    if (id === null) return [];
    return [
      {
        id,
        uniqueKey: textIn(reason, "UniqueKey") ?? id,
        object: textIn(object, "Name") ?? "",
        source: textIn(object, "SourceSystemType") ?? "",
        reason: textIn(reason, "Type") ?? "",
        firstAt: timeOf("FirstAlertTime"),
        latestAt: timeOf("LatestAlertTime"),
        times: numberIn(event, "TotalAlertTimes") ?? 0,
        status: textIn(event, "Status") ?? "",
      },
    ];
  });
}

export interface AlertNotification {
  readonly eventId: string;
  readonly uniqueKey: string;
  readonly object: string;
  readonly source: string;
  readonly reason: string;
  readonly sentAt: number | null;
  readonly channel: string | null;
  readonly status: string;
}
export async function listAlertNotifications(api: Api, zone: Zone, { from, to, source }: Between): Promise<readonly AlertNotification[]> {
  const found = await everyPage("ListAlertNotifications", async (page) => {
    const reply = await api.read("ListAlertNotifications", {
      ListQuery: { NotifyStartTime: zone.format(from), NotifyEndTime: zone.format(to), SourceSystem: source, Page: page, PageSize: pageSize },
    });
    const result = objectIn(reply, "ListResult");
    return { entries: objectsIn(result, "Data"), total: numberIn(result, "TotalCount") };
  });
  return found.flatMap((notification) => {
    const [object, reason] = [objectIn(notification, "AlertObject"), objectIn(notification, "AlertReason")];
    const [send, receiver] = [objectIn(notification, "AlertSend"), objectIn(notification, "AlertReceiver")];
    const eventId = textIn(notification, "AlertEventId");
    const sent = textIn(send, "SendTime");
    if (eventId === null) return [];
    return [
      {
        eventId,
        uniqueKey: textIn(reason, "UniqueKey") ?? eventId,
        object: textIn(object, "Name") ?? "",
        source: textIn(object, "SourceSystemType") ?? "",
        reason: textIn(reason, "Type") ?? "",
        sentAt: sent === null ? null : zone.parse(sent),
        channel: textIn(receiver, "AlertChannelType"),
        status: textIn(send, "Status") ?? "",
      },
    ];
  });
}
