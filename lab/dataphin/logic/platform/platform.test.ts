import { expect, it } from "vitest";
import { VirtualNetwork } from "../../../kit/virtual-network.ts";
import { VirtualWorld } from "../../../kit/virtual.ts";
import { labCredentials, type Surroundings } from "../cluster.ts";
import { defaultSettings } from "../settings.ts";
import { Platform } from "./platform.ts";

const endpoints = { openapi: "o:1", console: "c:1", platform: "p:1", manager: "m:1", executors: "e:1", realtime: "r:1", gateway: "g:1" };

it("a platform that was killed comes back with the pods that there should be: none after a shut-down, and of the version that was started last", async () => {
  let saved: string | null = null;
  const begin = async (): Promise<{ readonly platform: Platform; readonly pods: (body: object) => Promise<void> }> => {
    const world = new VirtualWorld();
    const network = new VirtualNetwork(world);
    const store = { load: () => saved, save: (text: string) => void (saved = text) };
    const surroundings: Surroundings = { clock: world, network, endpoints, settings: { ...defaultSettings, podStartMs: 1_000 }, store };
    const platform = new Platform(surroundings, { version: "6.2.0.1", credentials: labCredentials });
    await platform.start();
    const pods = async (body: object): Promise<void> => {
      const request = { method: "POST", path: "/platform/pods", headers: {}, body: JSON.stringify(body) };
      await world.run(network.call("m:1", "p:1", request, 5_000));
      await world.advance(3_000);
    };
    return { platform, pods };
  };
  const versions = ({ platform }: { readonly platform: Platform }): readonly string[] => platform.state().pods.map(({ version }) => version);

  const first = await begin();
  expect(versions(first)).toEqual(["6.2.0.1", "6.2.0.1"]);
  await first.pods({ action: "stop" });
  const second = await begin();
  expect(versions(second)).toEqual([]);
  await second.pods({ action: "start", version: "6.2.0.2" });
  expect(versions(await begin())).toEqual(["6.2.0.2", "6.2.0.2"]);
});
