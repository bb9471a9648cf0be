import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import type { Request } from "../../../kit/network.ts";
import { claimedBy } from "./caller.ts";

const request = (more: Partial<Request>): Request => ({ method: "GET", path: "/list/7?env=PROD", headers: {}, body: "", ...more });

it("plain: key and secret in the query, or in the body", () => {
  const inQuery = claimedBy(request({ path: "/list/7?appKey=100&appSecret=s1" }));
  expect(inQuery?.key).toBe("100");
  expect(inQuery?.refusal("s1", 0)).toBeNull();
  expect(inQuery?.refusal("s2", 0)?.word).toBe("SignatureDoesNotMatch");
  expect(claimedBy(request({ method: "POST", path: "/list/7", body: '{"appKey":100,"appSecret":"s1"}' }))?.refusal("s1", 0)).toBeNull();
  expect(claimedBy(request({}))).toBeNull();
});
it("signed: over the method, four headers, the listed ones, and the path with sorted parameters; not for ever", () => {
  const now = 1_800_000_000_000;
  const headers = {
    accept: "application/json",
    "x-ca-key": "100",
    "x-ca-timestamp": String(now),
    "x-ca-signature-headers": "x-ca-timestamp,x-ca-key",
  };
  const text = `GET\napplication/json\n\n\n\nx-ca-key:100\nx-ca-timestamp:${String(now)}\n/list/7?a=1&env=PROD`;
  const signature = createHmac("sha256", "s1").update(text).digest("base64");
  const claimed = claimedBy(request({ path: "/list/7?env=PROD&a=1", headers: { ...headers, "x-ca-signature": signature } }));
  expect(claimed?.refusal("s1", now)).toBeNull();
  expect(claimed?.refusal("s2", now)?.word).toBe("SignatureDoesNotMatch");
  expect(claimed?.refusal("s1", now + 16 * 60_000)?.word).toBe("TimestampExpired");
});
