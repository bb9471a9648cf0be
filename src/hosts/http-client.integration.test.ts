import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("a request does not load the second HTTP client that comes with Node: it takes 13 MB of every worker", async () => {
  const program = `
    import { createServer } from "node:net";
    import { httpClient } from ${JSON.stringify(fileURLToPath(new URL("./http-client.ts", import.meta.url)))};
    const server = createServer((socket) => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nOK"));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = httpClient();
    const { body } = await client.request({ method: "GET", url: "http://127.0.0.1:" + server.address().port, timeoutMs: 5000 });
    client.close();
    server.close();
    console.log(JSON.stringify({ body, loaded: process.moduleLoadList.filter((name) => name.includes("undici")) }));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toEqual({ body: "OK", loaded: [] });
});
