import type { Component } from "../node.ts";

/** Defaults of the code; what the template sets is set by whoever makes conf/tablet.flags (facts 3.1). Times in milliseconds. */
export interface TabletFlags {
  readonly zkRootPath: string;
  readonly zkSessionTimeout: number;
  readonly zkKeepAliveCheckInterval: number;
  readonly enableStatusService: boolean;
  /** Absolute. */
  readonly dbRootPath: string;
  readonly ssdRootPath: string;
  readonly hddRootPath: string;
  readonly recycleBinRootPath: string;
  readonly recycleBinEnabled: boolean;
  readonly binlogNotifyOnPut: boolean;
  readonly binlogSyncWaitTime: number;
  readonly binlogSyncBatchSize: number;
  /** Before a refused batch is sent again. */
  readonly binlogCoffeeTime: number;
  readonly binlogMatchLogoffsetInterval: number;
  /** Entries since the last snapshot below which none is made. */
  readonly makeSnapshotThresholdOffset: number;
  readonly requestTimeout: number;
  /** 0: no limit. */
  readonly maxMemoryMb: number;
}

export function flagsOf({ flags, directory }: Component): TabletFlags {
  const number = (name: string, otherwise: number): number => {
    const value = flags[name];
    return value === undefined || value === "" ? otherwise : Number(value);
  };
  const path = (name: string, otherwise: string): string => {
    const value = flags[name] ?? otherwise;
    return value.startsWith("/") ? value : `${directory}/${value.replace(/^\.\//, "")}`;
  };
  return {
    zkRootPath: flags["zk_root_path"] ?? "/openmldb",
    zkSessionTimeout: number("zk_session_timeout", 2_000),
    zkKeepAliveCheckInterval: number("zk_keep_alive_check_interval", 15_000),
    enableStatusService: flags["enable_status_service"] === "true",
    dbRootPath: path("db_root_path", "./db"),
    ssdRootPath: path("ssd_root_path", "./db_ssd"),
    hddRootPath: path("hdd_root_path", "./db_hdd"),
    recycleBinRootPath: path("recycle_bin_root_path", "./recycle"),
    recycleBinEnabled: (flags["recycle_bin_enabled"] ?? "true") === "true",
    binlogNotifyOnPut: flags["binlog_notify_on_put"] === "true",
    binlogSyncWaitTime: number("binlog_sync_wait_time", 100),
    binlogSyncBatchSize: number("binlog_sync_batch_size", 32),
    binlogCoffeeTime: number("binlog_coffee_time", 1_000),
    binlogMatchLogoffsetInterval: number("binlog_match_logoffset_interval", 1_000),
    makeSnapshotThresholdOffset: number("make_snapshot_threshold_offset", 100_000),
    requestTimeout: number("request_timeout_ms", 20_000),
    maxMemoryMb: number("max_memory_mb", 0),
  };
}
