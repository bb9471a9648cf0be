import type { SettingView } from "../../../model/driver.ts";
import { sessionFor } from "../connections.ts";
import type { Servers } from "../servers.ts";
import { isSecretSetting } from "./known.ts";

interface Row {
  readonly name: string;
  readonly setting: string;
  readonly shown: string;
  readonly context: string;
}

function applied(context: string): SettingView["apply"] {
  if (context === "internal") return "fixed";
  if (context === "postmaster") return "restart";
  return context === "sighup" ? "reload" : "dynamic";
}

/** As the node has them now; a key that the server does not know is absent. */
export async function readSettings(servers: Servers, node: string, keys: readonly string[]): Promise<readonly SettingView[]> {
  const rows = await servers.sql.read<Row>(
    node,
    "select name, setting, current_setting(name) as shown, context from pg_settings where lower(name) = any($1) order by name",
    [keys.map((key) => key.toLowerCase())],
    sessionFor(keys),
  );
  return rows.map(({ name, shown, context }) => ({ key: name, value: shown, apply: applied(context), secret: isSecretSetting(name) }));
}
