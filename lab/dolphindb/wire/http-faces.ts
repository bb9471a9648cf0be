// What a server's port answers to HTTP: the JSON API, and in memory, where there are no sockets, the binary messages as text.
import type { Network, Server } from "../../kit/network.ts";
import type { Evaluator } from "../logic/node.ts";
import { Conversation } from "./conversation.ts";
import { JsonFace } from "./json-face.ts";

/** One message in base64 there and one back; the header says of which connection. An empty body ends it. */
export const MESSAGE_PAGE = "/lab/message";
export const CONNECTION_HEADER = "x-session";

const CONNECT = /^API2? \S+ \d+[^\n]*\nconnect\b/;

/** Before `inner`, which has the paths below /lab that nodes use among themselves. */
export function withFaces(evaluator: Evaluator, inner: Server): Server {
  const json = new JsonFace(evaluator);
  const conversations = new Map<string, Conversation>();
  return async (request) => {
    const { method, path, headers, body } = request;
    if (path === "/" && method === "POST") return json.post(body);
    if (path === "/" && method === "GET")
      return { status: 200, headers: { "content-type": "text/html" }, body: "<title>Stillwater lab of DolphinDB</title>" };
    if (path !== MESSAGE_PAGE) return inner(request);
    const connection = headers[CONNECTION_HEADER] ?? "";
    if (body === "") {
      conversations.get(connection)?.end();
      conversations.delete(connection);
      return { status: 200, body: "" };
    }
    const bytes = Buffer.from(body, "base64");
    let conversation = conversations.get(connection);
    if (conversation === undefined) {
      // The process that had this connection is gone; the client hears it as from a socket.
      if (!CONNECT.test(bytes.toString("latin1"))) return null;
      conversation = new Conversation(evaluator);
      conversations.set(connection, conversation);
    }
    const answered = await conversation.message(bytes);
    if (answered === null || answered.close) {
      conversation.end();
      conversations.delete(connection);
    }
    return answered === null ? null : { status: 200, body: Buffer.from(answered.bytes).toString("base64") };
  };
}

/** A network on which what listens is also reached by clients. `evaluator` is asked when the first request comes. */
export function networkWithFaces(network: Network, evaluator: () => Evaluator): Network {
  return {
    listen: (endpoint, server) => {
      let faces: Server | null = null;
      return network.listen(endpoint, (request) => {
        faces ??= withFaces(evaluator(), server);
        return faces(request);
      });
    },
    call: (from, to, request, timeoutMs) => network.call(from, to, request, timeoutMs),
  };
}
