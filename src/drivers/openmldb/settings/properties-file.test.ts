import * as fc from "fast-check";
import { expect, test } from "vitest";
import { editProperties, readProperties } from "./properties-file.ts";

const template = `# Server Config
server.host=0.0.0.0
server.port = 9902
job.log.path: ./logs/
! Spark
spark.home=
spark.default.conf=a=1;\\
    b=2
offline.data.prefix=file:///tmp/openmldb_offline_storage/
path.windows=C:\\\\spark
server.port=9903
`;

test("Read as Java does: separators, continuations, escapes, the last of several", () => {
  expect(Object.fromEntries(readProperties(template))).toEqual({
    "server.host": "0.0.0.0",
    "server.port": "9903",
    "job.log.path": "./logs/",
    "spark.home": "",
    "spark.default.conf": "a=1;b=2",
    "offline.data.prefix": "file:///tmp/openmldb_offline_storage/",
    "path.windows": "C:\\spark",
  });
});

test("[OC-8] An edit of the taskmanager's file changes its own entries and keeps every other byte", () => {
  expect(editProperties(template, { "spark.default.conf": "c=3" })).toBe(template.replace("a=1;\\\n    b=2", "c=3"));
  expect(editProperties(template, { "server.port": "1" })).toBe(template.replace("server.port=9903", "server.port=1"));
  expect(editProperties(template, { "server.port": null })).toBe(template.replace("server.port = 9902\n", "").replace("server.port=9903\n", ""));
  expect(editProperties("a=1", { "enable.hive.support": "true" })).toBe("a=1\nenable.hive.support=true\n");
});

const key = fc.constantFrom("a", "b.c", "d.e.f");
const value = fc.string({ maxLength: 8 });

test("A value comes back as it was given, whatever is in it", () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.dictionary(key, fc.option(value)), (first, changes) => {
      const text = editProperties("# kept \\\n", first);
      const edited = editProperties(text, changes);
      const expected = new Map<string, string>(Object.entries(first));
      for (const [name, wanted] of Object.entries(changes)) {
        if (wanted === null) expected.delete(name);
        else expected.set(name, wanted);
      }
      expect(Object.fromEntries(readProperties(edited))).toEqual(Object.fromEntries(expected));
      expect(edited.startsWith("# kept \\\n")).toBe(true);
      expect(editProperties(edited, changes)).toBe(edited);
    }),
    { numRuns: 500 },
  );
});
