// A process that claims a host and then, for each line on its standard input, tries to write a file. For the test that freezes it.
import { createInterface } from "node:readline";
import { StillwaterError } from "../../model/errors.ts";
import { openHost } from "../connection.ts";
import { claimed } from "./claims.ts";

const [stateDirectory = "", path = ""] = process.argv.slice(2);
const host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory, domain: null }, "c");
const fence = await claimed(host, 1);
console.log("claimed");
for await (const line of createInterface({ input: process.stdin })) {
  try {
    await host.writeFile(fence, path, line);
    console.log("written");
  } catch (error) {
    if (!(error instanceof StillwaterError)) throw error;
    console.log(error.code);
  }
}
await host.close();
