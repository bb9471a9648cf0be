export interface ServerFigures {
  readonly port: number;
  readonly tickTime: number;
  readonly dataDirectory: string;
  readonly zxid: number;
  readonly received: number;
  readonly sent: number;
  readonly nodes: number;
  readonly watches: number;
  readonly ephemerals: readonly { readonly session: string; readonly paths: readonly string[] }[];
  /** Session null: this very question. */
  readonly connections: readonly { readonly client: string; readonly session: string | null }[];
}

/** Named as what it is not: the release that OpenMLDB ships, with the word that says that this is another program. */
const version = "3.4.14-lab";

const words = ["ruok", "srvr", "stat", "mntr", "conf", "dump", "cons", "isro"] as const;
type Word = (typeof words)[number];
export const isFourLetterWord = (text: string): text is Word => words.some((word) => word === text);

const lines = (...of: readonly string[]): string => of.map((line) => `${line}\n`).join("");

export function fourLetterAnswer(word: string, figures: ServerFigures): string {
  if (!isFourLetterWord(word)) return "";
  const clients = figures.connections.map(({ client, session }) => ` /${client}[${session === null ? "0" : "1"}](queued=0,recved=0,sent=0)`);
  const server = [
    `Latency min/avg/max: 0/0/0`,
    `Received: ${String(figures.received)}`,
    `Sent: ${String(figures.sent)}`,
    `Connections: ${String(figures.connections.length)}`,
    `Outstanding: 0`,
    `Zxid: 0x${figures.zxid.toString(16)}`,
    `Mode: standalone`,
    `Node count: ${String(figures.nodes)}`,
  ];
  switch (word) {
    case "ruok":
      return "imok";
    case "isro":
      return "rw";
    case "srvr":
      return lines(`Zookeeper version: ${version}`, ...server);
    case "stat":
      return lines(`Zookeeper version: ${version}`, "Clients:", ...clients, "", ...server);
    case "cons":
      return lines(...clients);
    case "conf":
      return lines(
        `clientPort=${String(figures.port)}`,
        `dataDir=${figures.dataDirectory}`,
        `tickTime=${String(figures.tickTime)}`,
        `minSessionTimeout=${String(2 * figures.tickTime)}`,
        `maxSessionTimeout=${String(20 * figures.tickTime)}`,
        "serverId=0",
      );
    case "dump": {
      const holders = figures.ephemerals.filter(({ paths }) => paths.length > 0);
      return lines(
        `Sessions with Ephemerals (${String(holders.length)}):`,
        ...holders.flatMap(({ session, paths }) => [`0x${session}:`, ...paths.map((path) => `\t${path}`)]),
      );
    }
    case "mntr":
      return lines(
        `zk_version\t${version}`,
        "zk_avg_latency\t0",
        "zk_max_latency\t0",
        "zk_min_latency\t0",
        `zk_packets_received\t${String(figures.received)}`,
        `zk_packets_sent\t${String(figures.sent)}`,
        `zk_num_alive_connections\t${String(figures.connections.length)}`,
        "zk_outstanding_requests\t0",
        "zk_server_state\tstandalone",
        `zk_znode_count\t${String(figures.nodes)}`,
        `zk_watch_count\t${String(figures.watches)}`,
        `zk_ephemerals_count\t${String(figures.ephemerals.reduce((sum, { paths }) => sum + paths.length, 0))}`,
      );
  }
}
