// The application's way to the cluster: a list of hosts, of which the one that accepts writes is taken, as libpq does with target_session_attrs=read-write.
import { Client } from "pg";

export interface RouteHost {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}
export interface Route {
  readonly hosts: readonly RouteHost[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A connection to one host; its errors end in `onLost`, once, and never end the process. */
export async function connectTo(route: Route, host: RouteHost, onLost: () => void): Promise<Client> {
  const { user, password, database } = route;
  const client = new Client({
    host: host.host,
    port: host.port,
    user,
    password,
    database,
    connectionTimeoutMillis: 1000,
    application_name: "orders-app",
  });
  let lost = false;
  const lose = (): void => {
    if (!lost) onLost();
    lost = true;
  };
  client.on("error", lose);
  client.on("end", lose);
  await client.connect();
  return client;
}

/** The first host of the list that accepts writes; null: none does now. */
export async function connectToPrimary(route: Route, onLost: () => void): Promise<Client | null> {
  for (const host of route.hosts) {
    let wanted = false;
    try {
      const client = await connectTo(route, host, () => {
        if (wanted) onLost();
      });
      const answer = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
      if (answer.rows[0]?.standby === false) {
        wanted = true;
        return client;
      }
      await client.end();
    } catch {
      // Down, starting or stopping: the next one of the list.
    }
  }
  return null;
}
