// Disks that are full: small file systems in memory, mounted where the run writes.
import { mkdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { command, needsRoot, type Scenario, type Scene } from "./scene.ts";

/** Mounts, plays, unmounts. */
async function onSmallDisk(
  at: string,
  mebibytes: number,
  play: (fill: (leaveKiB: number) => Promise<void>, free: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await mkdir(at, { recursive: true });
  await command("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0755`, "tmpfs", at]);
  const filler = join(at, "filler");
  const fill = async (leaveKiB: number): Promise<void> => {
    const { stdout } = await command("df", ["--output=avail", "-k", at]);
    const kib = Number(stdout.split("\n")[1]) - leaveKiB;
    // Others write meanwhile: with nothing left over, write until there is no more.
    if (leaveKiB > 0) await command("fallocate", ["-l", `${kib}KiB`, filler]);
    else await command("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"]).catch(() => undefined);
  };
  try {
    await play(fill, async () => rm(filler, { force: true }));
  } finally {
    await command("umount", ["-l", at]);
  }
}
const own = async (scene: Scene, path: string): Promise<void> => {
  const user = scene.stand.cluster.serverUser;
  if (user !== null) await command("chown", [`${user.uid}:${user.gid}`, path]);
};

export const fullAtStaging: Scenario = {
  name: "a full disk while the release is copied to a host",
  kind: "full disk",
  staged: false,
  cannot: needsRoot,
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const { stateDirectory } = scene.node("pg2");
    await onSmallDisk(stateDirectory, 250, async (fill, free) => {
      await own(scene, stateDirectory);
      await fill(6 * 1024);
      const paused = await stand.call(await stand.applyArgs());
      scene.expectExit("apply", paused, 4, "SW3012", "MiB are needed");
      scene.expect(/pg2|host2/.test(paused.stdout), "it does not name the host");
      scene.expect(!(await unfinished(stateDirectory)), "an unfinished copy was left behind");
      scene.expect(
        Object.values((await stand.state()).nodes).every(({ starts }) => starts === 1),
        "a server was restarted",
      );
      await free();
      scene.expectExit("resume with space", await stand.call(["resume"]), 0);
      await scene.expectEnd("full at staging", { verdicts: ["pass"] });
    });
  },
};
const unfinished = async (directory: string): Promise<boolean> =>
  (await command("find", [directory, "-name", "*.tmp", "-o", "-name", "*.partial", "-o", "-name", "*.new"])).stdout.trim() !== "";

export const fullAtUnpack: Scenario = {
  name: "a full disk where the release is laid out",
  kind: "full disk",
  staged: false,
  cannot: needsRoot,
  async play(scene) {
    const { stand } = scene;
    const { releasesDirectory } = scene.node("pg3");
    await stand.cluster.stopNode("pg3");
    const aside = `${releasesDirectory}.aside`;
    await command("cp", ["-a", releasesDirectory, aside]);
    await onSmallDisk(releasesDirectory, 300, async (fill, free) => {
      await command("cp", ["-a", `${aside}/.`, releasesDirectory]);
      await own(scene, releasesDirectory);
      await stand.cluster.startNode("pg3");
      await stand.cluster.streaming();
      await scene.load();
      await fill(20 * 1024);
      const paused = await stand.call(await stand.applyArgs());
      scene.expectExit("apply", paused, 4, "SW3012");
      scene.expect(/pg3|host3/.test(paused.stdout), "it does not name the host");
      scene.expect(!existsSync(join(releasesDirectory, "17.10")), "half a release has its name");
      await free();
      scene.expectExit("resume with space", await stand.call(["resume"]), 0);
      await rm(aside, { recursive: true });
      await scene.expectEnd("full at unpacking", { anyRestarts: true });
      // The servers run from the file system that goes away now.
      await stand.cluster.stop("immediate");
    });
  },
};

export const fullUnderJournal: Scenario = {
  name: "a full disk under the journal in the middle of a turn",
  kind: "full disk",
  cannot: needsRoot,
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    await onSmallDisk(stand.stateDirectory, 16, async (fill, free) => {
      const apply = stand.start(await stand.applyArgs());
      try {
        await scene.reached("acting", "stop pg2");
        await fill(0);
        const ended = await apply.ended;
        scene.expectExit("apply", ended, 1, "SW4002");
        const before = scene.count("acting");
        await free();
        scene.expectExit("resume with space", await stand.call(["resume"]), [0, 6]);
        scene.expect(scene.count("acting") > before, "resume did nothing");
        await scene.expectEnd("full under the journal", { verdicts: ["pass", "not-measured"] });
      } finally {
        apply.kill("SIGKILL");
      }
    });
  },
};
