import { expect, it } from "vitest";
import { commandLineOf, parseCommandLine, roleOf } from "./command-line.ts";

it("reads what the shipped scripts say", () => {
  const options = parseCommandLine("-console 0 -mode controller -home data -config config/controller.cfg -logFile log/controller.log".split(" "));
  expect(options).toMatchObject({ mode: "controller", config: "config/controller.cfg", logFile: "log/controller.log" });
  expect(roleOf(options["mode"])).toBe("controller");
  expect(roleOf("single")).toBeNull();
});

it("reads what an agent says", () => {
  const words = commandLineOf({ role: "datanode", alias: "node1", endpoint: "127.10.11.1:8902", settings: {} });
  expect(parseCommandLine(words)).toMatchObject({ mode: "datanode", localSite: "127.10.11.1:8902:node1", logFile: "log/node1.log" });
});

it("refuses a word that stands alone", () => {
  expect(() => parseCommandLine(["-console"])).toThrow("-console");
  expect(() => parseCommandLine(["console", "0"])).toThrow("console");
});
