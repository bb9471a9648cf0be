import { array, assert, constantFrom, dictionary, boolean, oneof, option, property, stringMatching, tuple } from "fast-check";
import { expect, test } from "vitest";
import { diffOf, editConfigText, missingIn, readConfigText } from "./config-text.ts";

const shipped = `mode=controller
localSite=10.10.11.1:8990:HActl44
# dfsRecoveryWaitTime=30000
dfsReplicationFactor=2
maxMemSize=8
maxMemSize = 4
node1.maxMemSize=6
`;

test("[DD-8] read as the server does: the last line of a key counts, comments do not, a prefix belongs to the key", () =>
  expect(Object.fromEntries(readConfigText(shipped))).toEqual({
    mode: "controller",
    localSite: "10.10.11.1:8990:HActl44",
    dfsReplicationFactor: "2",
    maxMemSize: "4",
    "node1.maxMemSize": "6",
  }));
test("an edit changes its own lines and keeps every other byte", () => {
  expect(editConfigText(shipped, { maxMemSize: "16" })).toBe(shipped.replace("maxMemSize = 4", "maxMemSize=16"));
  expect(editConfigText(shipped, { maxMemSize: null })).toBe(shipped.replace("maxMemSize=8\nmaxMemSize = 4\n", ""));
  expect(editConfigText(shipped, { dfsRecoveryWaitTime: "60000" })).toBe(`${shipped}dfsRecoveryWaitTime=60000\n`);
  expect(editConfigText("a=1", { b: "2" })).toBe("a=1\nb=2\n");
  expect(editConfigText("a=1\r\nb=2\r\n", { a: "3" })).toBe("a=3\r\nb=2\r\n");
  expect(editConfigText("", { a: "1" })).toBe("a=1\n");
});
test("the first line is never empty afterwards: a server would take the file for an empty one", () => {
  expect(editConfigText("\n\na=1\n", { b: "2" })).toBe("a=1\nb=2\n");
  expect(editConfigText("a=1\n\nb=2\n", { a: null })).toBe("b=2\n");
});
test("the diff names what goes and what comes", () => {
  expect(diffOf(shipped, { maxMemSize: "16", mode: "controller", new: "1", dfsReplicationFactor: null })).toEqual([
    "- maxMemSize=4",
    "+ maxMemSize=16",
    "+ new=1",
    "- dfsReplicationFactor=2",
  ]);
});
test("after an edit the text says what was asked for, and everything else what it said; a second edit changes nothing", () => {
  const key = constantFrom("maxMemSize", "node1.volumes", "%8821.workerNum", "mode");
  const line = oneof(
    tuple(key, stringMatching(/^[a-z0-9:/,]{0,6}$/)).map(([name, value]) => `${name}=${value}`),
    constantFrom("", "# maxMemSize=1", "nothing"),
  );
  const changes = dictionary(key, option(stringMatching(/^[a-z0-9]{0,6}$/)));
  assert(
    property(array(line), boolean(), changes, (lines, ends, wanted) => {
      const text = lines.join("\n") + (ends ? "\n" : "");
      const edited = editConfigText(text, wanted);
      const expected = new Map(readConfigText(text));
      for (const [name, value] of Object.entries(wanted)) {
        if (value === null) expected.delete(name);
        else expected.set(name, value);
      }
      expect(Object.fromEntries(readConfigText(edited))).toEqual(Object.fromEntries(expected));
      expect(missingIn(edited, wanted)).toEqual([]);
      expect(editConfigText(edited, wanted)).toBe(edited);
    }),
  );
});
