import { afterEach, describe, expect, it } from "vitest";
import { freePorts } from "./free-ports.ts";
import { NoReply, type Request } from "./network.ts";
import { RealNetwork } from "./real-network.ts";

const request = (path: string, body = ""): Request => ({ method: "POST", path, headers: { authorization: "x" }, body });
const failure = (error: unknown): string => (error instanceof NoReply ? error.failure : String(error));

describe("real network", () => {
  const network = new RealNetwork();
  afterEach(() => {
    network.close();
  });

  it("carries requests and replies, closes without a word, refuses, times out, and cuts what is under way", async () => {
    const [port] = await freePorts(1);
    const endpoint = `127.0.0.1:${String(port)}`;
    let slow = 0;
    const listener = await network.listen(endpoint, async ({ path, body, headers }) => {
      if (path === "/mute") return null;
      if (path === "/slow") {
        slow++;
        await new Promise(() => undefined);
      }
      return { status: 200, headers: { "x-who": headers["authorization"] ?? "nobody" }, body: `${path} ${body}` };
    });
    const reply = await network.call("me", endpoint, request("/a?b", "text"), 1_000);
    expect([reply.status, reply.body, reply.headers?.["x-who"]]).toEqual([200, "/a?b text", "x"]);
    expect(await network.call("me", endpoint, request("/mute"), 1_000).catch(failure)).toBe("closed");
    expect(await network.call("me", endpoint, request("/slow"), 50).catch(failure)).toBe("time-out");
    await expect(network.listen(endpoint, () => Promise.resolve(null))).rejects.toThrow("EADDRINUSE");
    const underWay = network.call("me", endpoint, request("/slow"), 5_000).catch(failure);
    await expect.poll(() => slow).toBe(2);
    listener.close();
    expect(await underWay).toBe("closed");
    expect(await network.call("me", endpoint, request("/a"), 1_000).catch(failure)).toBe("refused");
  });
});
