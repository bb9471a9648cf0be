// Artefacts, secrets and cluster files that are wrong: refused before anything is touched.
import { appendFile, copyFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { command, type Scenario } from "./scene.ts";

export const badArtefact: Scenario = {
  name: "an artefact with another sha256, another version, truncated, or gone",
  kind: "bad artefact",
  async play(scene) {
    const { stand } = scene;
    const { directory, releases } = stand.cluster;
    const before = await stand.state();
    const copy = join(directory, "artefact.tar.gz");
    const plan = (path: string): ReturnType<typeof stand.call> => stand.call(["plan", "--to", releases.to, "--artifact", path]);

    await copyFile(stand.artefact, copy);
    const made = await plan(copy);
    scene.expectExit("plan", made, 0);
    const { name = "" } = JSON.parse(made.stdout) as { name?: string };
    await appendFile(copy, "x");
    scene.expectExit("apply of a changed artefact", await stand.call(["apply", name, "--yes", name]), 3, "SW1204", copy);
    await rm(copy);
    scene.expectExit("apply without the artefact", await stand.call(["apply", name, "--yes", name]), 2, "SW1203", copy);

    await copyFile(stand.artefact, copy);
    await truncate(copy, Math.floor((await stat(copy)).size * 0.9));
    scene.expectExit("plan with a truncated artefact", await plan(copy), 2, "SW1205", copy);
    await writeFile(copy, "no archive");
    scene.expectExit("plan with something else", await plan(copy), 2, "SW1205", copy);

    const old = join(stand.cluster.node("pg1").releasesDirectory, releases.from);
    await command("tar", ["-czf", copy, "-C", old, "bin", "lib", "share"]);
    scene.expectExit("plan with another version", await plan(copy), 2, "SW1206", releases.from, releases.to);
    await rm(copy);
    scene.expectSame("bad artefacts", await stand.state(), before);
  },
};

export const missingSecret: Scenario = {
  name: "a secret that is not there",
  kind: "missing secret",
  async play(scene) {
    const { stand } = scene;
    const [before, args] = [await stand.state(), await stand.applyArgs()];
    const options = { user: stand.cluster.user, database: "postgres" };
    for (const [password, word] of [
      ["@env:STILLWATER_TEST_NOT_SET", "STILLWATER_TEST_NOT_SET"],
      ["@file:/nonexistent/secret", "/nonexistent/secret"],
      ["@command:false", "false"],
    ] as const) {
      const clusterFile = await stand.clusterFileWith("secret.yaml", { options: { ...options, password } });
      scene.expectExit(`inspect with ${password}`, await stand.call(["inspect"], { clusterFile }), 2, "SW1104", word);
      scene.expectExit(`apply with ${password}`, await stand.call(args, { clusterFile }), 2, "SW1104", word);
    }
    scene.expectSame("missing secrets", await stand.state(), before);
  },
};

export const badClusterFile: Scenario = {
  name: "a cluster file with an unknown key, a wrong type, a duplicate endpoint",
  kind: "bad cluster file",
  async play(scene) {
    const { stand } = scene;
    const text = await readFile(stand.clusterFile, "utf8");
    const clusterFile = join(stand.cluster.directory, "bad.yaml");
    const endpoint = stand.cluster.node("pg1").endpoint;
    const line = (of: string, what: string): string => `bad.yaml:${of.slice(0, of.indexOf(what)).split("\n").length}:`;
    const cases: readonly (readonly [string, string, string])[] = [
      ["an unknown key", text.replace("verifyAfterS:", "verifyAfter:"), "verifyAfter:"],
      ["a wrong type", text.replace("verifyAfterS: 1", "verifyAfterS: soon"), "verifyAfterS: soon"],
      ["a duplicate endpoint", text.replace(stand.cluster.node("pg2").endpoint, endpoint), "pg2:"],
    ];
    for (const [what, bad, object] of cases) {
      await writeFile(clusterFile, bad);
      const ended = await stand.call(["inspect"], { clusterFile });
      scene.expectExit(what, ended, 2, "SW1102");
      const number = Number(line(bad, object).split(":")[1]);
      const named = [0, 1, 2].some((more) => ended.stdout.includes(`bad.yaml:${number + more}:`));
      scene.expect(named, `${what}: does not name line ${number}: ${ended.stdout}`);
    }
  },
};
