import * as fc from "fast-check";
import { expect, test } from "vitest";
import { editFlags, readFlags } from "./flags-file.ts";

const template = `# tablet.conf
#--use_name=false
--endpoint=127.0.0.1:10921
--role=tablet

#--zk_cert=user:passwd
  --zk-session-timeout=10000
# 多个磁盘使用英文符号, 隔开
--db_root_path=./db,./db2
--enable_distsql
--gc_interval=60
--gc_interval=120
#--max_memory_mb=0`;

test("Read as gflags does: the last of several counts, dashes are underscores, a switch alone is true, comments are none", () => {
  expect(Object.fromEntries(readFlags(template))).toEqual({
    endpoint: "127.0.0.1:10921",
    role: "tablet",
    zk_session_timeout: "10000",
    db_root_path: "./db,./db2",
    enable_distsql: "true",
    gc_interval: "120",
  });
  expect(readFlags("--a=b=c\n--empty=\n-short=1\r\n").get("a")).toBe("b=c");
  expect(readFlags("--a=b=c\n--empty=\n-short=1\r\n").get("empty")).toBe("");
  expect(readFlags("--a=b=c\n--empty=\n-short=1\r\n").get("short")).toBe("1");
});

test("[OC-3] An edit changes its own lines and keeps every other byte", () => {
  expect(editFlags(template, { gc_interval: "30" })).toBe(template.replace("--gc_interval=120", "--gc_interval=30"));
  expect(editFlags(template, { zk_session_timeout: "20000" })).toBe(template.replace("--zk-session-timeout=10000", "--zk_session_timeout=20000"));
  expect(editFlags(template, { gc_interval: null })).toBe(template.replace("--gc_interval=60\n--gc_interval=120\n", ""));
  expect(editFlags(template, { max_memory_mb: "4096" })).toBe(`${template}\n--max_memory_mb=4096\n`);
  expect(editFlags("--a=1\r\n--b=2\r\n", { a: "3" })).toBe("--a=3\r\n--b=2\r\n");
  expect(editFlags("--nogc\n", { gc: "true" })).toBe("--gc=true\n");
  expect(editFlags("--nogc\n--x=1\n", { gc: null })).toBe("--x=1\n");
  expect(editFlags("", { a: "1" })).toBe("--a=1\n");
  expect(() => editFlags("openmldb\n--a=1\n", { a: "2" })).toThrow("several programs");
});

const name = fc.constantFrom("alpha", "beta", "gamma_delta", "no_more");
const line = fc.oneof(
  fc.tuple(name, fc.stringMatching(/^[a-z0-9:,./=]{0,8}$/)).map(([key, value]) => `--${key}=${value}`),
  fc.constantFrom("", "# --alpha=1", "  #x", "--solo", "\t--beta=tab"),
);

test("After an edit the file says what was asked for, and everything else what it said", () => {
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.dictionary(name, fc.option(fc.stringMatching(/^[a-z0-9]{0,6}$/))), (all, ends, changes) => {
      const text = all.join("\n") + (ends ? "\n" : "");
      const edited = editFlags(text, changes);
      const expected = new Map(readFlags(text));
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) expected.delete(key);
        else expected.set(key, value);
      }
      expect(Object.fromEntries(readFlags(edited))).toEqual(Object.fromEntries(expected));
      expect(editFlags(edited, changes)).toBe(edited);
      const untouched = (each: string): boolean => !Object.keys(changes).some((key) => each.includes(`--${key}=`)) || each.includes("#");
      expect(edited.split("\n").filter((each) => each !== "" && untouched(each))).toEqual(
        text.split("\n").filter((each) => each !== "" && untouched(each)),
      );
    }),
    { numRuns: 500 },
  );
});
