import { expect, test } from "vitest";
import { sdkChecker } from "./check.ts";

const pom = `<?xml version="1.0"?>
<project>
\t<properties>
\t\t<openmldb.version>0.8.5</openmldb.version>
\t</properties>\r
\t<!-- <dependency><groupId>com.4paradigm.openmldb</groupId><artifactId>openmldb-jdbc</artifactId><version>0.1.0</version></dependency> -->
\t<dependencies>
\t\t<dependency>
\t\t\t<groupId>com.4paradigm.openmldb</groupId>
\t\t\t<artifactId>openmldb-jdbc</artifactId>
\t\t\t<version> 0.8.5 </version>
\t\t\t<exclusions><exclusion><groupId>com.4paradigm.openmldb</groupId><artifactId>openmldb-native</artifactId></exclusion></exclusions>
\t\t</dependency>
\t\t<dependency>
\t\t\t<groupId>com.4paradigm.openmldb</groupId>
\t\t\t<artifactId>openmldb-native</artifactId>
\t\t\t<version>0.8.5-macos</version>
\t\t</dependency>
\t\t<dependency><groupId>org.other</groupId><artifactId>openmldb-jdbc</artifactId><version>0.8.5</version></dependency>
\t</dependencies>
</project>`;
const check = (name: string, text: string, version = "0.9.2") => sdkChecker.check({ name, text }, version);
const brief = (name: string, text: string, version?: string): readonly string[] =>
  check(name, text, version).findings.map(
    ({ line, artefact, found, wanted, verdict }) => `${String(line)} ${artefact} ${found ?? "-"} ${wanted} ${verdict}`,
  );

test("[OM-24] openmldb-jdbc and openmldb-native of a pom: found by group, the native build keeps its platform, every other byte stays", () => {
  expect(brief("pom.xml", pom)).toEqual(["10 openmldb-jdbc 0.8.5 0.9.2 behind", "16 openmldb-native 0.8.5-macos 0.9.2-macos behind"]);
  const { edited } = check("pom.xml", pom);
  expect(edited).toBe(pom.replace("<version> 0.8.5 </version>", "<version> 0.9.2 </version>").replace("0.8.5-macos", "0.9.2-macos"));
  expect(check("app/pom.xml", edited ?? "").edited).toBeNull();
  expect(brief("pom.xml", edited ?? "").every((line) => line.endsWith("current"))).toBe(true);
});

test("[OM-24] A version by property is mended where the property stands; one that stands elsewhere is named and left", () => {
  const by = (version: string, native = version): string =>
    pom.replace(" 0.8.5 ", version).replace("<version>0.8.5-macos</version>", `<version>${native}</version>`);
  const property = by("${openmldb.version}", "${openmldb.version}-macos");
  expect(check("pom.xml", property).edited).toBe(property.replace(">0.8.5</openmldb.version>", ">0.9.2</openmldb.version>"));
  expect(brief("pom.xml", by("${parent.version}"))).toContain("10 openmldb-jdbc ${parent.version} 0.9.2 not-decidable");
  expect(check("pom.xml", by("${parent.version}", "0.9.2")).edited).toBeNull();
  expect(brief("pom.xml", pom.replace("<version> 0.8.5 </version>", ""))[0]).toBe("10 openmldb-jdbc - 0.9.2 not-decidable");
  expect(brief("pom.xml", by("[0.8,0.9)"))[0]).toBe("10 openmldb-jdbc [0.8,0.9) 0.9.2 not-decidable");
  expect(brief("pom.xml", pom, "0.8.4")[0]).toBe("10 openmldb-jdbc 0.8.5 0.8.4 not-decidable");
  expect(brief("pom.xml", by("0.9.2-SNAPSHOT", "0.9.2"))).toEqual([
    "10 openmldb-jdbc 0.9.2-SNAPSHOT 0.9.2 behind",
    "16 openmldb-native 0.9.2 0.9.2 current",
  ]);
});

test("[OM-25] A pinned requirement is mended, with its extra, marker and comment; what is no pin is named and left", () => {
  const text = `# openmldb==0.1.0\r\nnumpy==1.0\nOpenMLDB[spark] == 0.8.5 ; python_version > "3.6"  # ours\r\nopenmldb-tool==0.8.5\nopenmldb==0.8.*\n`;
  expect(brief("requirements.txt", text)).toEqual(["3 openmldb 0.8.5 0.9.2 behind", "5 openmldb 0.8.* 0.9.2 behind"]);
  expect(check("requirements.txt", text).edited).toBe(text.replace("== 0.8.5", "==0.9.2").replace("==0.8.*", "==0.9.2"));
  expect(check("requirements.txt", text).findings[0]?.what).toContain("pip install openmldb==0.9.2");
  expect(brief("requirements-dev.txt", "openmldb\nopenmldb>=0.8,<1\nopenmldb==0.9.2\nopenmldb==0.9.*")).toEqual([
    "1 openmldb - 0.9.2 not-decidable",
    "2 openmldb >=0.8,<1 0.9.2 not-decidable",
    "3 openmldb 0.9.2 0.9.2 current",
    "4 openmldb 0.9.* 0.9.2 current",
  ]);
  expect(check("requirements.txt", "openmldb==0.8.5 \\\n    --hash=sha256:00\n")).toMatchObject({
    edited: null,
    findings: [{ verdict: "not-decidable" }],
  });
  expect(brief("requirements.txt", "openmldb @ https://example.org/openmldb.whl\nopenmldb==0.9.3\n")).toEqual([
    "1 openmldb - 0.9.2 not-decidable",
    "2 openmldb 0.9.3 0.9.2 not-decidable",
  ]);
});

test("[OM-25] The installed version is read from pip's own record, and the command is printed", () => {
  const text = "Metadata-Version: 2.1\nName: openmldb\nVersion: 0.8.5\n\nVersion: 9.9.9\n";
  expect(check("lib/openmldb-0.8.5.dist-info/METADATA", text)).toEqual({
    edited: null,
    findings: [
      {
        file: "lib/openmldb-0.8.5.dist-info/METADATA",
        line: 3,
        artefact: "openmldb",
        found: "0.8.5",
        wanted: "0.9.2",
        verdict: "behind",
        what: "installed: 0.8.5; run pip install openmldb==0.9.2",
      },
    ],
  });
  expect(check("x/METADATA", text.replace("openmldb", "numpy")).findings).toEqual([]);
});

test("Files that name no SDK are not read", () => {
  expect(["pom.xml", "a/b/requirements.txt", "constraints.txt", "x.dist-info/METADATA"].map((name) => sdkChecker.reads(name))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["build.gradle", "setup.py", "requirements.md"].map((name) => sdkChecker.reads(name))).toEqual([false, false, false]);
});
